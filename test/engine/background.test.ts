import { mkdirSync, openAsBlob, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { type TestEngine, startEngine, waitFor } from '../support/engine';
import { pixelAt, writeClutter, writePackshot } from '../support/pictures';
import { type Receiver, answer, of, startReceiver } from '../support/receiver';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

/** Jobs whose callers do not wait, and callbacks, through a running engine and a receiver that records. */
const SHARED = 'the secret of this engine, 32 chars';
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const folder = tempFolder();
const roots = join(folder, 'roots');
let engine: TestEngine;
let receiver: Receiver;
let photo: string;
let clutter: string;
let pictures: string;
let socket: Server;

beforeAll(async () => {
  mkdirSync(join(roots, 'inner'), { recursive: true });
  photo = await writePackshot(roots, 'input.jpg');
  clutter = await writeClutter(roots);
  await writePackshot(folder, 'outside.jpg');
  symlinkSync(join(folder, 'outside.jpg'), join(roots, 'link-out.jpg'));
  symlinkSync(photo, join(roots, 'inner', 'link-in.jpg'));
  symlinkSync(folder, join(roots, 'link-away'));
  symlinkSync(join(folder, 'none.jpg'), join(roots, 'link-nowhere.jpg'));
  writeFileSync(join(roots, 'text.jpg'), 'no picture');
  socket = createServer().listen(join(roots, 'socket.jpg'));
  receiver = await startReceiver();
  const bytes = readFileSync(photo);
  pictures = await listen((_request, response) => response.end(bytes));
  engine = await startEngine(folder, {
    VITRINE_ALLOW_HOSTS: '127.0.0.1',
    VITRINE_DATA_ROOTS: `${join(folder, 'missing')}; ${roots}`,
    VITRINE_OFFLINE: 'true',
    APP_WEBHOOK_SECRET: SHARED,
  });
});
afterAll(async () => {
  socket.close();
  await engine.stop();
});
beforeEach(() => {
  receiver.script = [answer(200)];
});

const route = () => `${engine.url}/api/background/replace`;
const fast = { model: 'plain', width: 160, height: 120 };

function send(body: object | string, url = route()): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: text });
}

/** Sends a job that is taken in. */
async function begin(body: object): Promise<string> {
  const response = await send({ ...fast, ...body });
  const text = await response.json();
  expect([response.status, text]).toEqual([202, { jobId: expect.stringMatching(/^[\w-]{36}$/) }]);
  return text.jobId;
}

const stateOf = async (jobId: string) => (await fetch(`${engine.url}/api/background/jobs/${jobId}`)).json();

const ended = (jobId: string) =>
  waitFor(async () => {
    const state = await stateOf(jobId);
    const done = ['succeeded', 'failed'].includes(state.state) && state.callback?.state !== 'waiting';
    return done && state;
  });

describe('a job behind its answer', () => {
  test('the seed’s fields: the receiver is told where the picture is', async () => {
    const jobId = await begin({
      mediaId: 'media-123',
      inputPath: photo,
      projectId: 'project-456',
      preset: 'product-studio',
      callbackUrl: `${receiver.url}/webhooks/background`,
    });
    const state = await ended(jobId);
    const [{ body, headers, json }, ...others] = of(jobId, receiver);
    expect(others).toEqual([]);
    expect(json).toEqual({
      event: 'background.job.succeeded',
      jobId,
      mediaId: 'media-123',
      projectId: 'project-456',
      outputUrl: expect.stringMatching(new RegExp(`^${engine.url}/download/replace_[\\w-]{22}\\.jpg$`)),
      timestamp: expect.stringMatching(ISO),
    });
    const webhook = new Webhook(SHARED, { format: 'raw' });
    expect(webhook.verify(body, headers as Record<string, string>)).toEqual(json);
    const changed = body.replace('media-123', 'media-124');
    expect(() => webhook.verify(changed, headers as Record<string, string>)).toThrow();
    expect(headers['webhook-id']).toBe(jobId);
    const picture = await fetch(json.outputUrl);
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    const [corner] = await pixelAt(Buffer.from(await picture.arrayBuffer()), 0.02, 0.02);
    expect(corner).toBeGreaterThan(225);
    expect(state).toMatchObject({
      ...{ jobId, job: 'replace', mediaId: 'media-123', projectId: 'project-456', state: 'succeeded' },
      createdAt: expect.stringMatching(ISO),
      finishedAt: expect.stringMatching(ISO),
      callback: { state: 'delivered', attempts: 1 },
      warnings: [],
      result: {
        ...{ jobId, engine: 'studio', preset: 'product-studio', seed: expect.any(Number) },
        artifacts: { output: json.outputUrl },
        metrics: { elapsed_ms: expect.any(Number) },
      },
    });
    expect(engine.tempFiles()).toEqual([]);
  });

  test('a photo that cannot be cut: the receiver is told why', async () => {
    const jobId = await begin({ inputPath: clutter, mediaId: 7, callbackUrl: receiver.url });
    const state = await ended(jobId);
    const [{ json }] = of(jobId, receiver);
    expect(json).toEqual({
      event: 'background.job.failed',
      jobId,
      mediaId: 7,
      error: expect.stringMatching(/\w{3,}/),
      timestamp: expect.stringMatching(ISO),
    });
    expect(state).toMatchObject({
      state: 'failed',
      error: { code: 'CLUTTERED_BACKGROUND', message: json.error, hint: expect.any(String) },
    });
  });

  test('without a callback its state tells all', async () => {
    const jobId = await begin({ inputPath: join(roots, 'inner', 'link-in.jpg') });
    const state = await ended(jobId);
    expect(state).toMatchObject({ state: 'succeeded', warnings: [] });
    expect(state).not.toHaveProperty('callback');
    expect((await fetch(state.result.artifacts.output)).status).toBe(200);
  });

  test.each(['url', 'inputPath'])('an address as %s is downloaded', async (field) => {
    const jobId = await begin({ [field]: `${pictures}/photo.jpg` });
    expect(await ended(jobId)).toMatchObject({ state: 'succeeded', result: { width: 160 } });
  });

  test('an address that nothing comes from fails the job, not the request', async () => {
    const jobId = await begin({ url: 'http://10.0.0.1/photo.jpg', callbackUrl: receiver.url });
    expect(await ended(jobId)).toMatchObject({ state: 'failed', error: { code: 'ADDRESS_BLOCKED' } });
    expect(of(jobId, receiver)).toHaveLength(1);
  });

  test('a form with files is taken as well', async () => {
    const form = new FormData();
    form.append('file', await openAsBlob(photo), 'input.jpg');
    form.append('model', 'plain');
    form.append('callbackUrl', receiver.url);
    form.append('mediaId', 'media-1');
    form.append('secrets', JSON.stringify({ webhook_secret: 'another one' }));
    const response = await fetch(route(), { method: 'POST', body: form });
    expect(response.status).toBe(202);
    const { jobId } = await response.json();
    await ended(jobId);
    const [{ body, headers, json }] = of(jobId, receiver);
    expect(json).toMatchObject({ event: 'background.job.succeeded', mediaId: 'media-1' });
    new Webhook('another one', { format: 'raw' }).verify(body, headers as Record<string, string>);
  });

  test('it is queued, then it runs, then it is done', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push(await begin({ inputPath: photo, preset: 'wood,linen' }));
    const last = ids.at(-1)!;
    const seen: string[] = [];
    await waitFor(async () => {
      const { state, progress } = await stateOf(last);
      seen.push(state);
      if (state === 'running')
        expect(progress).toEqual({ stage: expect.any(String), fraction: expect.any(Number) });
      return state === 'succeeded';
    }, 60);
    expect([...new Set(seen)]).toEqual(['queued', 'running', 'succeeded']);
    for (const id of ids) expect((await ended(id)).state).toBe('succeeded');
  });

  test('a job that this engine does not know', async () => {
    const response = await fetch(`${engine.url}/api/background/jobs/job-uuid`);
    expect(response.status).toBe(404);
    const { error } = await response.json();
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('job-uuid') });
    expect(error.hint).toMatch(/restarted does not know those from before/);
  });
});

describe('what is wrong with the request is said at once, and nobody is called', () => {
  test.each<[string, object | string, number, string, RegExp]>([
    ['bad JSON', '{"mediaId": ', 400, 'INVALID_PARAMETER', /\w{3,}/],
    ['no object', '[1]', 400, 'INVALID_PARAMETER', /the request to be a JSON object/],
    ['no photo', {}, 400, 'INVALID_PARAMETER', /file to be a picture/],
    ['an unknown preset', { preset: 'marbel' }, 400, 'INVALID_PARAMETER', /marbel/],
    ['an unknown marketplace', { marketplace: 'amazone' }, 400, 'INVALID_PARAMETER', /amazone/],
    ['an unknown model', { model: 'birefnett' }, 400, 'UNKNOWN_MODEL', /birefnett/],
    [
      'an unknown field',
      { callbackURL: 'x' },
      400,
      'INVALID_PARAMETER',
      /callbackUrl.* but received "callbackURL"/,
    ],
    [
      'what does not go together',
      { exact: true, format: 'jpeg' },
      400,
      'INVALID_PARAMETER',
      /png with exact/,
    ],
    ['a callback that is no address', { callbackUrl: 'here' }, 400, 'INVALID_PARAMETER', /callbackUrl.*here/],
    ['a callback by another way', { callbackUrl: 'file:///etc' }, 400, 'INVALID_PARAMETER', /http or https/],
    ['an id that is none', { mediaId: {} }, 400, 'INVALID_PARAMETER', /mediaId/],
    [
      'a path and an address',
      { url: 'http://x/' },
      400,
      'INVALID_PARAMETER',
      /inputPath to be left out with url/,
    ],
    [
      'an address that is none',
      { inputPath: undefined, url: 'x' },
      400,
      'INVALID_PARAMETER',
      /url to be an http/,
    ],
    ['a path that is a number', { inputPath: 7 }, 400, 'INVALID_PARAMETER', /inputPath to be a text/],
    ['a part of a path', { inputPath: 'input.jpg' }, 400, 'INVALID_PARAMETER', /inputPath to be a full path/],
    ['no such path', { inputPath: '$roots/none.jpg' }, 400, 'INVALID_PARAMETER', /inputPath.*none.jpg/],
    [
      'a folder',
      { inputPath: '$roots/inner' },
      400,
      'INVALID_PARAMETER',
      /inputPath to be the path of a file/,
    ],
    ['a path elsewhere', { inputPath: '$folder/outside.jpg' }, 403, 'FORBIDDEN', /inputPath.*outside.jpg/],
    [
      'no such path elsewhere',
      { inputPath: '$folder/none.jpg' },
      403,
      'FORBIDDEN',
      /does not lie in a folder/,
    ],
    ['a way out', { inputPath: '$roots/../outside.jpg' }, 403, 'FORBIDDEN', /does not lie in a folder/],
    ['a link out', { inputPath: '$roots/link-out.jpg' }, 403, 'FORBIDDEN', /does not lie in a folder/],
    [
      'no such path behind a link out',
      { inputPath: '$roots/link-away/none.jpg' },
      403,
      'FORBIDDEN',
      /does not lie in a folder/,
    ],
    [
      'a link out to nothing',
      { inputPath: '$roots/link-nowhere.jpg' },
      403,
      'FORBIDDEN',
      /does not lie in a folder/,
    ],
    ['a socket', { inputPath: '$roots/socket.jpg' }, 400, 'INVALID_PARAMETER', /inputPath.*socket.jpg/],
    ['a prompt without a generator', { prompt: 'a kitchen' }, 503, 'NO_GENERATOR', /a prompt needs/],
    ['a generator that is not here', { engine: 'SDXL' }, 503, 'NO_GENERATOR', /sdxl needs/],
    ['a generator without a key', { engine: 'runway' }, 503, 'NO_GENERATOR', /runway needs/],
    [
      'a model that the generator does not have',
      { engine: 'runway', generator_model: 'gen9', secrets: { runway_api_key: 'key_hidden' } },
      400,
      'INVALID_PARAMETER',
      /gen9/,
    ],
    [
      'a prompt that is too long for it',
      { engine: 'runway', prompt: 'a '.repeat(600) + 'b', secrets: { runway_api_key: 'key_hidden' } },
      400,
      'INVALID_PARAMETER',
      /1000 characters/,
    ],
    [
      'a secret that is none',
      { secrets: { webhook_secret: 'ü-hidden' } },
      400,
      'INVALID_PARAMETER',
      /webhook_secret/,
    ],
  ])('%s', async (_, body, status, code, message) => {
    const before = receiver.received.length;
    const job = { ...fast, inputPath: photo, callbackUrl: receiver.url };
    const all =
      typeof body === 'string' || !Object.keys(body).length
        ? body
        : JSON.parse(
            JSON.stringify({ ...job, ...body })
              .replaceAll('$roots', roots)
              .replaceAll('$folder', folder),
          );
    const response = await send(all);
    expect(response.status).toBe(status);
    const { error } = await response.json();
    expect(error).toEqual({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\w{3,}/),
    });
    expect(JSON.stringify(error)).not.toContain('hidden');
    await waitFor(() => engine.tempFiles().length === 0);
    expect(receiver.received).toHaveLength(before);
  });

  test('a path, where the engine reads none', async () => {
    const strict = await startEngine(join(folder), { VITRINE_OFFLINE: 'true' });
    try {
      const response = await send({ ...fast, inputPath: photo }, `${strict.url}/api/background/replace`);
      expect(response.status).toBe(403);
      expect((await response.json()).error).toMatchObject({
        code: 'FORBIDDEN',
        hint: expect.stringContaining('VITRINE_DATA_ROOTS'),
      });
    } finally {
      await strict.stop();
    }
  });
});

describe('a job that is waited for and calls back', () => {
  const wait = (body: object) => send({ ...fast, ...body }, `${engine.url}/background/replace`);

  test('it answers with its result, and tells the receiver the same', async () => {
    const response = await wait({ inputPath: photo, projectId: 'p', callbackUrl: receiver.url });
    const result = await response.json();
    expect([response.status, result.warnings]).toEqual([200, []]);
    await ended(result.jobId);
    expect(of(result.jobId, receiver).map(({ json }) => json)).toEqual([
      expect.objectContaining({
        ...{ event: 'background.job.succeeded', projectId: 'p' },
        outputUrl: result.artifacts.output,
      }),
    ]);
    expect((await fetch(result.artifacts.output)).status).toBe(200);
  });

  test('it fails with its error, and tells the receiver the same', async () => {
    const before = receiver.received.length;
    const response = await wait({ inputPath: clutter, callbackUrl: receiver.url });
    const { error } = await response.json();
    expect([response.status, error.code]).toEqual([422, 'CLUTTERED_BACKGROUND']);
    const [{ json }] = await waitFor(() => {
      const later = receiver.received.slice(before);
      return later.length > 0 && later;
    });
    expect(json).toMatchObject({ event: 'background.job.failed', error: error.message });
  });

  test('a preset that is unknown is an error of the request only', async () => {
    const before = receiver.received.length;
    expect((await wait({ inputPath: photo, preset: 'marbel', callbackUrl: receiver.url })).status).toBe(400);
    await sleep(300);
    expect(receiver.received).toHaveLength(before);
  });

  test('without a callback it has no id', async () => {
    expect(await (await wait({ inputPath: photo, mediaId: 'm' })).json()).not.toHaveProperty('jobId');
  });
});

describe('a receiver', () => {
  test('that fails at first is told once, under one id', async () => {
    receiver.script = [answer(500), answer(429, { 'retry-after': '0' }), answer(200)];
    const jobId = await begin({ inputPath: photo, callbackUrl: receiver.url });
    expect(await ended(jobId)).toMatchObject({ callback: { state: 'delivered', attempts: 3 }, warnings: [] });
    const told = of(jobId, receiver);
    expect(told.map(({ headers }) => headers['webhook-id'])).toEqual([jobId, jobId, jobId]);
    expect(new Set(told.map(({ body }) => body)).size).toBe(1);
  });

  test('that cannot be told is a warning in the job’s state and a line of the log, without its query', async () => {
    const callbackUrl = `${receiver.url.replace('http://', 'http://user:pass-hidden@')}/hook?key=hidden`;
    receiver.script = [answer(410)];
    const jobId = await begin({ inputPath: photo, callbackUrl });
    const { state, callback, warnings } = await ended(jobId);
    expect([state, callback]).toEqual([
      'succeeded',
      { state: 'failed', attempts: 1, reason: 'it answered 410' },
    ]);
    const told = `The callback to ${receiver.url}/hook was not delivered, tried once: it answered 410.`;
    expect(warnings).toEqual([told]);
    const line = await waitFor(() =>
      engine
        .log()
        .split('\n')
        .find((text) => text.includes(jobId) && text.includes('not delivered')),
    );
    expect(JSON.parse(line)).toMatchObject({ to: `${receiver.url}/hook`, reason: 'it answered 410' });
    expect(engine.log()).not.toContain('hidden');
  });

  test('in this network is not called unless it is allowed', async () => {
    const jobId = await begin({ inputPath: photo, callbackUrl: 'http://10.0.0.1/hook' });
    const { callback } = await ended(jobId);
    expect(callback).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('VITRINE_ALLOW_HOSTS'),
    });
  });
});

test('their pages describe both routes', async () => {
  const { paths } = await (await fetch(`${engine.url}/docs/json`)).json();
  const fields = ['inputPath', 'url', 'callbackUrl', 'mediaId', 'projectId', 'preset', 'overrides'];
  for (const path of ['/background/replace', '/api/background/replace'] as const) {
    const { content } = paths[path].post.requestBody;
    for (const type of ['application/json', 'multipart/form-data']) {
      const { properties } = content[type].schema;
      expect(Object.keys(properties)).toEqual(expect.arrayContaining([...fields, 'secrets']));
      expect(Object.keys(properties.secrets.properties)).toContain('webhook_secret');
    }
  }
  expect(paths['/api/background/replace'].post.responses['202']).toBeDefined();
  expect(paths['/api/background/jobs/{jobId}'].get).toBeDefined();
});
