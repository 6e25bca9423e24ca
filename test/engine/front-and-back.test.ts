import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { type TestEngine, startEngine, waitFor } from '../support/engine';
import { type Gemini, echo, failure, picture, startGemini } from '../support/gemini';
import { tinyModels } from '../support/models';
import { pixelAt, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

/** `POST /process` with real workers; RMBG 2.0 and BiRefNet are tiny graphs with the contracts of the real ones. */
const OUTPUTS = ['front_rmbg', 'front_birefnet', 'back_rmbg', 'back_birefnet'];
const KEY = 'AIza-very-secret-0123';
const folder = tempFolder();
const models = tinyModels(folder);
let engine: TestEngine;
let gemini: Gemini;
let base: string;
/** Requests for pictures, in their order. */
const fetched: string[] = [];

beforeAll(async () => {
  const gps = { IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } };
  const front = await sharp(await writePackshot(folder, 'front.jpg'))
    .withExif(gps)
    .jpeg()
    .toBuffer();
  expect((await sharp(front).metadata()).exif).toBeDefined();
  const back = readFileSync(await writePackshot(folder, 'back.png', { width: 200, height: 260 }));
  gemini = await startGemini();
  base = await listen((request, response) => {
    const path = request.url!.split('?')[0];
    fetched.push(path);
    if (path === '/front.jpg') response.end(front);
    else if (path === '/back.png') response.end(back);
    else if (path === '/notes.txt') response.end('no picture at all');
    else if (path === '/to-meta') response.writeHead(302, { location: 'http://169.254.169.254/x' }).end();
    else if (path === '/to-loopback') response.writeHead(302, { location: 'http://[::1]:1/x' }).end();
    else if (path === '/never') response.writeHead(200).write('x');
    else response.writeHead(404).end();
  });
  engine = await startEngine(folder, {
    VITRINE_ALLOW_HOSTS: '127.0.0.1',
    VITRINE_MODELS_DIR: models,
    VITRINE_MAX_QUEUE: '1',
    VITRINE_GEMINI_URL: gemini.url,
    BASE_URL: '',
  });
});
afterAll(() => engine.stop());
beforeEach(() => {
  fetched.splice(0);
  gemini.asked.splice(0);
});
afterEach(() => {
  expect(engine.tempFiles()).toEqual([]);
  expect(engine.log()).not.toContain(KEY);
});

interface Body {
  id?: unknown;
  output?: object;
  [field: string]: unknown;
}

function send(body: Body, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...init.headers };
  const sent = { id: 123, birefnet_model: 'my-birefnet', ...body };
  return fetch(`${engine.url}/process`, { method: 'POST', body: JSON.stringify(sent), ...init, headers });
}

const both = () => ({ front: `${base}/front.jpg`, back: `${base}/back.png` });
const outputs = () => readdirSync(join(folder, 'output'));
const download = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

test('front and back, each by both networks, under /outputs', async () => {
  const response = await send({ output: both() });
  expect(response.status).toBe(200);
  const result = await response.json();
  expect(result).toEqual({
    id: 123,
    front_rmbg: expect.stringMatching(link('123', 'front_rmbg')),
    front_birefnet: expect.stringMatching(link('123', 'front_birefnet')),
    back_rmbg: expect.stringMatching(link('123', 'back_rmbg')),
    back_birefnet: expect.stringMatching(link('123', 'back_birefnet')),
    processing_time_seconds: expect.any(Number),
    errors: {},
    models: {
      front_rmbg: { model: 'rmbg-2.0', device: 'cpu' },
      front_birefnet: { model: 'my-birefnet', device: 'cpu' },
      back_rmbg: { model: 'rmbg-2.0', device: 'cpu' },
      back_birefnet: { model: 'my-birefnet', device: 'cpu' },
    },
    cleaned_up_by: null,
    warnings: [],
  });
  expect(result.processing_time_seconds).toBeGreaterThan(0);
  expect(fetched.sort()).toEqual(['/back.png', '/front.jpg']);
  for (const [output, width, height] of [
    ['front_rmbg', 320, 240],
    ['front_birefnet', 320, 240],
    ['back_rmbg', 200, 260],
    ['back_birefnet', 200, 260],
  ] as const) {
    const cutout = await download(result[output]);
    expect(await sharp(cutout).metadata()).toMatchObject({ format: 'png', width, height, hasAlpha: true });
    expect((await pixelAt(cutout, 0.02, 0.02))[3]).toBe(0);
    expect((await pixelAt(cutout, 0.5, 0.5))[3]).toBe(255);
  }
});

/** `<engine>/outputs/design_<id>_<unguessable>_<output>.png` */
function link(id: string, output: string): RegExp {
  return new RegExp(`^${engine.url}/outputs/design_${id}_[\\w-]{22}_${output}\\.png$`);
}

test('GET /health: service, device, the networks that are loaded, configuration', async () => {
  expect(await (await fetch(`${engine.url}/health`)).json()).toMatchObject({
    status: 'ok',
    service: 'vitrine',
    device: 'auto',
    models_loaded: expect.arrayContaining([
      { model: 'rmbg-2.0', device: 'cpu' },
      { model: 'my-birefnet', device: 'cpu' },
    ]),
    configuration: { max_queue: 1, offline: true },
  });
});

test('files are deleted on request, and lie under /download as well', async () => {
  const { front_rmbg: url } = await (await send({ output: { front: both().front } })).json();
  expect((await fetch(url.replace('/outputs/', '/download/'))).status).toBe(200);
  expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
  expect((await fetch(url)).status).toBe(404);
  expect((await fetch(`${engine.url}/outputs/..%2fregistry.json`)).status).toBe(404);
});

test('a missing back is fine', async () => {
  const result = await (await send({ id: 'only front', output: { front: both().front, back: null } })).json();
  expect(result).toMatchObject({ id: 'only front', back_rmbg: null, back_birefnet: null, errors: {} });
  expect(result.front_rmbg).toMatch(link('only-front', 'front_rmbg'));
});

test('the same picture for both is downloaded once', async () => {
  const { front } = both();
  const result = await (await send({ output: { front, back: front } })).json();
  expect([result.errors, fetched]).toEqual([{}, ['/front.jpg']]);
  expect(await download(result.back_rmbg)).toEqual(await download(result.front_rmbg));
});

test('progress, then the result', async () => {
  const response = await send({ output: both() }, { headers: { Accept: 'application/x-ndjson' } });
  const lines = (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ type: 'progress', stage: 'fetch', message: 'front_rmbg: fetch' });
  const fractions = lines.slice(0, -1).map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(lines.at(-1)).toMatchObject({ type: 'result', result: { id: 123, errors: {} } });
});

test.each([
  ['../../../etc/passwd', 'etc-passwd'],
  ['a/b\\c:d*e?"<>|\u0000\n', 'a-b-c-d-e'],
  ['杯子 ☕', 'unnamed'],
  ['y'.repeat(200), 'y'.repeat(40)],
  ['__proto__', 'proto'],
])('the hostile id %j is echoed, and harmless in the name', async (id, name) => {
  const body = { id, output: { front: both().front }, rmbg_model: 'plain', birefnet_model: 'plain' };
  const result = await (await send(body)).json();
  expect(result.id).toBe(id);
  expect(result.front_rmbg).toMatch(link(name, 'front_rmbg'));
  expect((await fetch(result.front_rmbg)).status).toBe(200);
});

describe('one failure names itself and spoils nothing else', () => {
  test.each([
    ['/missing.png', 'FETCH_FAILED', /answered 404/],
    ['/notes.txt', 'UNSUPPORTED_FORMAT', /\w/],
    ['/to-meta', 'ADDRESS_BLOCKED', /not a public address/],
    ['/to-loopback', 'ADDRESS_BLOCKED', /not a public address/],
  ])('a back at %s', async (path, code, message) => {
    const response = await send({ output: { front: both().front, back: base + path } });
    expect(response.status).toBe(200);
    const { errors, ...result } = await response.json();
    expect(result).toMatchObject({ back_rmbg: null, back_birefnet: null, front_rmbg: expect.any(String) });
    const error = { code, message: expect.stringMatching(message), hint: expect.stringMatching(/\w{3,}/) };
    expect(errors).toEqual({ back_rmbg: error, back_birefnet: error });
  });

  test.each(['http://10.0.0.1/x', 'http://169.254.169.254/latest', 'http://[fd00::1]/x', 'http://0.0.0.0/x'])(
    'a private address: %s',
    async (back) => {
      const { errors, front_birefnet } = await (await send({ output: { front: both().front, back } })).json();
      expect(errors.back_rmbg.code).toBe('ADDRESS_BLOCKED');
      expect(front_birefnet).toEqual(expect.any(String));
    },
  );

  test('a network that is not there', async () => {
    const { errors, front_rmbg } = await (await send({ output: both(), birefnet_model: 'birefnet' })).json();
    expect(Object.keys(errors)).toEqual(['front_birefnet', 'back_birefnet']);
    expect(errors.front_birefnet).toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('Model files not found: birefnet'),
    });
    expect(front_rmbg).toEqual(expect.any(String));
  });

  test('a device that is not there', async () => {
    const body = {
      output: { front: both().front },
      rmbg_model: 'plain',
      device: 'cuda',
      strict_device: true,
    };
    const response = await send({ ...body, birefnet_model: 'plain' });
    expect(response.status).toBe(503);
    const { error } = await response.json();
    expect(error.code).toBe('DEVICE_UNAVAILABLE');
    expect(error.message).toMatch(/^No picture could be made\. front_rmbg, front_birefnet: The model plain/);
  });

  test('an unknown network', async () => {
    const { errors } = await (await send({ output: both(), rmbg_model: 'magic' })).json();
    expect(errors.front_rmbg.code).toBe('UNKNOWN_MODEL');
    expect(Object.keys(errors)).toEqual(['front_rmbg', 'back_rmbg']);
  });
});

test('where everything fails, the answer is the first error, with the words of all', async () => {
  const response = await send({ output: { front: `${base}/missing.png`, back: `${base}/notes.txt` } });
  expect(response.status).toBe(422);
  const { error } = await response.json();
  expect(error.code).toBe('FETCH_FAILED');
  expect(error.message).toMatch(
    /front_rmbg, front_birefnet: Could not download .+ back_rmbg, back_birefnet: /,
  );
});

describe('bad requests', () => {
  test.each<[string, RequestInit, number, string]>([
    ['no JSON', { body: '{"id": 1,' }, 400, 'INVALID_PARAMETER'],
    ['a list', { body: '[]' }, 400, 'INVALID_PARAMETER'],
    ['null', { body: 'null' }, 400, 'INVALID_PARAMETER'],
    ['nothing', { body: '' }, 400, 'INVALID_PARAMETER'],
    ['plain text', { body: 'x', headers: { 'content-type': 'text/plain' } }, 415, 'UNSUPPORTED_FORMAT'],
    ['a form', { body: new FormData(), headers: {} }, 415, 'UNSUPPORTED_FORMAT'],
    ['a prototype', { body: '{"__proto__": {"x": 1}, "id": 1}' }, 400, 'INVALID_PARAMETER'],
    ['100 MB', { body: Buffer.alloc(100e6, 32) }, 413, 'TOO_LARGE'],
  ])('%s', async (name, init, status, code) => {
    const headers = name === 'a form' ? undefined : { 'content-type': 'application/json', ...init.headers };
    const answer = await fetch(`${engine.url}/process`, { method: 'POST', ...init, headers }).catch(
      // Refused before all of it was sent: the connection may end under the sender's hands.
      (error) => error.cause?.code as string,
    );
    if (typeof answer === 'string') {
      expect([name, answer]).toEqual(['100 MB', expect.stringMatching(/EPIPE|ECONNRESET|UND_ERR_SOCKET/)]);
      return;
    }
    expect(answer.status).toBe(status);
    const { error } = await answer.json();
    expect(error).toMatchObject({ code, hint: expect.stringMatching(/\w{3,}/) });
  });

  test.each<[Body, string]>([
    [{ output: {} }, 'Expected output.front to be an http or https address'],
    [{ output: { front: 'front.png' } }, 'but received "front.png"'],
    [{ output: { front: '/etc/passwd' } }, 'but received "/etc/passwd"'],
    [{ id: '', output: { front: 'https://x/' } }, 'Expected id to be'],
  ])('%j', async (body, message) => {
    const response = await send(body);
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toContain(message);
    expect(fetched).toEqual([]);
  });
});

describe('Gemini first', () => {
  const prompt = 'Take the price tag off.';
  const secrets = { gemini_api_key: KEY };

  test('each picture is cleaned up once, on white and without metadata, before it is cut', async () => {
    gemini.script = [echo];
    const response = await send({ output: both(), prompt, secrets });
    const text = await response.text();
    expect(text).not.toContain(KEY);
    expect(JSON.parse(text)).toMatchObject({ errors: {}, cleaned_up_by: 'gemini-3.1-flash-image' });
    expect(gemini.asked.map(({ key }) => key)).toEqual([KEY, KEY]);
    for (const { body } of gemini.asked) {
      const [words, { inlineData }] = body.contents[0].parts;
      expect(words.text).toBe(prompt);
      const sent = await sharp(Buffer.from(inlineData!.data, 'base64')).metadata();
      expect([sent.format, sent.exif]).toEqual(['jpeg', undefined]);
    }
  });

  test('what Gemini drew is what is cut', async () => {
    gemini.script = [
      picture(readFileSync(await writePackshot(folder, 'drawn.png', { width: 90, height: 70 }))),
    ];
    const body = { output: { front: both().front }, prompt, secrets, gemini_model: 'gemini-9-image' };
    const result = await (await send(body)).json();
    expect(await sharp(await download(result.front_rmbg)).metadata()).toMatchObject({
      width: 90,
      height: 70,
    });
    expect(gemini.asked[0].path).toContain('/gemini-9-image:');
    expect(result.cleaned_up_by).toBe('gemini-9-image');
  });

  test('a failed clean-up fails its picture: nothing uncleaned passes for cleaned', async () => {
    gemini.script = [failure(400, 'Unable to process input image'), echo];
    const { errors, ...result } = await (await send({ output: both(), prompt, secrets })).json();
    const failed = Object.keys(errors);
    expect(['front_rmbg,front_birefnet', 'back_rmbg,back_birefnet']).toContain(failed.join());
    for (const output of failed)
      expect([errors[output].code, result[output]]).toEqual(['PROVIDER_REJECTED', null]);
    expect(Object.keys(result.models)).toHaveLength(2);
  });

  test('something else than a picture from Gemini', async () => {
    gemini.script = [picture(Buffer.from('no picture'))];
    const response = await send({ output: both(), prompt, secrets });
    expect(response.status).toBe(415);
  });

  test('a key that is not accepted: an answer that does not look like one about our own token', async () => {
    gemini.script = [failure(400, `API key not valid: ${KEY}`, [{ reason: 'API_KEY_INVALID' }])];
    const response = await send({ output: both(), prompt, secrets });
    expect(response.status).toBe(502);
    const text = await response.text();
    expect(JSON.parse(text).error.code).toBe('PROVIDER_DENIED');
    expect(text).not.toContain(KEY);
  });

  test('no more requests for now: Retry-After is handed on', async () => {
    gemini.script = [failure(429, 'Quota', [], { 'retry-after': '90' })];
    const response = await send({ output: { front: both().front }, prompt, secrets });
    expect([response.status, response.headers.get('retry-after')]).toEqual([502, '90']);
  });

  test('a prompt without a key is refused before anything is downloaded', async () => {
    const response = await send({ output: both(), prompt });
    expect(response.status).toBe(400);
    const { error } = await response.json();
    expect(error).toMatchObject({ code: 'KEY_MISSING', hint: expect.stringContaining('GEMINI_API_KEY') });
    expect([fetched, gemini.asked]).toEqual([[], []]);
  });

  test('a key without a prompt goes nowhere', async () => {
    gemini.script = [echo];
    expect((await send({ output: { front: both().front }, secrets })).status).toBe(200);
    expect(gemini.asked).toEqual([]);
  });

  test('text instead of a photo is not sent to Gemini', async () => {
    gemini.script = [echo];
    const { errors } = await (
      await send({ output: { ...both(), back: `${base}/notes.txt` }, prompt, secrets })
    ).json();
    expect(errors.back_rmbg.code).toBe('UNSUPPORTED_FORMAT');
    expect(gemini.asked).toHaveLength(1);
  });
});

describe('somebody goes away', () => {
  test.each([
    ['while a picture is downloaded', () => ({ front: `${base}/never` }), {}],
    ['while Gemini works', both, { prompt: 'x', secrets: { gemini_api_key: KEY } }],
  ])('the caller, %s', async (_, output, more) => {
    const before = outputs();
    gemini.script = [() => undefined];
    const hangUp = new AbortController();
    const request = send({ output: output(), ...more }, { signal: hangUp.signal });
    await waitFor(() => fetched.length > 0 && engine.tempFiles().length > 0);
    await sleep(200);
    hangUp.abort();
    await expect(request).rejects.toThrow();
    await waitFor(() => engine.tempFiles().length === 0);
    expect(outputs()).toEqual(before);
  });

  test('the caller, while the networks run', async () => {
    const before = outputs();
    process.kill(engine.workerPid(), 'SIGSTOP');
    const hangUp = new AbortController();
    const request = send({ output: both() }, { signal: hangUp.signal });
    await waitFor(() => engine.tempFiles().some((name) => name.endsWith('front_rmbg')));
    await sleep(200);
    hangUp.abort();
    await expect(request).rejects.toThrow();
    await waitFor(() => engine.tempFiles().length === 0);
    expect(outputs()).toEqual(before);
    expect((await send({ output: both() })).status).toBe(200);
  });

  test('the worker: what it worked on begins anew, and every output is made', async () => {
    const worker = engine.workerPid();
    process.kill(worker, 'SIGSTOP');
    const request = send({ output: both() });
    await waitFor(() => engine.tempFiles().filter((name) => /(rmbg|birefnet)$/.test(name)).length === 4);
    await sleep(200);
    process.kill(worker, 'SIGKILL');
    const response = await request;
    expect(response.status).toBe(200);
    const { errors, models } = await response.json();
    expect([errors, Object.keys(models)]).toEqual([{}, OUTPUTS]);
  });

  test('a new worker holds nothing until its first job', async () => {
    const loaded = async () => (await (await fetch(`${engine.url}/health`)).json()).models_loaded;
    expect(await loaded()).not.toEqual([]);
    process.kill(engine.workerPid(), 'SIGKILL');
    await waitFor(async () => (await loaded()).length === 0);
    await send({ output: { front: both().front }, birefnet_model: 'plain' });
    expect(await loaded()).toEqual([{ model: 'rmbg-2.0', device: 'cpu' }]);
  });
});

test('twenty callers at once: each gets everything, or is told to come again', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => send({ output: both() })));
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  const served = bodies.filter((_, index) => answers[index].status === 200);
  expect(served.length).toBeGreaterThan(0);
  for (const result of served) expect([result.errors, Object.keys(result.models)]).toEqual([{}, OUTPUTS]);
  for (const answer of answers.filter(({ status }) => status !== 200))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
});

test('GET /docs describes the route, its parameters and its secrets', async () => {
  const { paths } = await (await fetch(`${engine.url}/docs/json`)).json();
  const { properties, required } = paths['/process'].post.requestBody.content['application/json'].schema;
  expect(required).toEqual(['id', 'output']);
  expect(properties).toMatchObject({
    rmbg_model: { default: 'rmbg-2.0' },
    birefnet_model: { default: 'birefnet' },
    output: { properties: { front: { type: 'string' }, back: expect.any(Object) } },
    secrets: { properties: { gemini_api_key: { format: 'password' } } },
  });
  expect(paths['/outputs/{filename}']).toMatchObject({ get: {}, delete: {} });
});

describe('an engine of its own', () => {
  test('BASE_URL, a limit of requests, a key from the environment, and a licence that nobody accepted', async () => {
    const home = join(folder, 'other');
    const other = await startEngine(home, {
      VITRINE_ALLOW_HOSTS: '127.0.0.1',
      BASE_URL: 'http://192.168.10.74:8001/',
      BG_REQS_PER_MIN: '2',
      GEMINI_API_KEY: KEY,
      VITRINE_GEMINI_URL: gemini.url,
      VITRINE_GEMINI_MODEL: 'gemini-own-image',
    });
    try {
      gemini.script = [echo];
      const ask = (more: object) =>
        fetch(`${other.url}/process`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ id: 1, output: { front: both().front }, birefnet_model: 'plain', ...more }),
        });
      const { errors, ...result } = await (await ask({ prompt: 'Whiter.' })).json();
      expect(result.front_birefnet).toMatch(
        /^http:\/\/192\.168\.10\.74:8001\/outputs\/design_1_[\w-]{22}_front_birefnet\.png$/,
      );
      expect(errors.front_rmbg).toMatchObject({
        code: 'LICENSE_REQUIRED',
        hint: expect.stringContaining('vitrine models pull rmbg-2.0 --accept-license "CC-BY-NC-4.0"'),
      });
      expect(gemini.asked[0]).toMatchObject({ key: KEY, path: expect.stringContaining('gemini-own-image') });
      const forbidden = await ask({ birefnet_model: 'rmbg-2.0' });
      expect([forbidden.status, (await forbidden.json()).error.code]).toEqual([403, 'LICENSE_REQUIRED']);
      expect((await ask({})).status).toBe(429);
      expect(other.log()).not.toContain(KEY);
      for (const name of ['app.log', 'error.log'])
        expect(readFileSync(join(home, 'logs', name), 'utf8')).not.toMatch(/AIza|Whiter/);
    } finally {
      await other.stop();
    }
  });

  test('a Gemini that never answers costs no more than the time of a job', async () => {
    const other = await startEngine(join(folder, 'patient'), {
      VITRINE_ALLOW_HOSTS: '127.0.0.1',
      VITRINE_JOB_TIMEOUT_SECONDS: '5',
      GEMINI_API_KEY: KEY,
      VITRINE_GEMINI_URL: gemini.url,
    });
    try {
      await fetch(`${other.url}/ready`);
      gemini.script = [() => undefined];
      const response = await fetch(`${other.url}/process`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: 1, output: { front: both().front }, prompt: 'x' }),
      });
      expect(response.status).toBe(504);
      expect((await response.json()).error.code).toBe('DEADLINE_EXCEEDED');
      expect(gemini.asked).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });
});

test('ending the engine leaves nothing but the pictures; its logs hold no key and no prompt', async () => {
  await engine.stop();
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  for (const name of ['app.log', 'error.log'])
    expect(readFileSync(join(folder, 'logs', name), 'utf8')).not.toMatch(/AIza|price tag/);
});
