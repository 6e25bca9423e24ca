import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { packVersion } from '../../lib/contracts';
import { type TestEngine, post, startEngine, waitFor } from '../support/engine';
import { pixelAt, writeClutter, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
let engine: TestEngine;
let photo: string;
let cleanup: string;

beforeAll(async () => {
  photo = await writePackshot(folder);
  engine = await startEngine(folder, { VITRINE_ALLOW_HOSTS: '127.0.0.1' });
  cleanup = `${engine.url}/background/cleanup`;
});
afterAll(() => engine.stop());

describe('POST /background/cleanup', () => {
  test('the seed’s curl call answers with links to the cutout', async () => {
    const response = await post(cleanup, photo, {
      mode: 'transparent',
      enhance_fg: 'true',
      denoise: 'false',
    });
    expect(response.status).toBe(200);
    const result = await response.json();
    expect(result).toMatchObject({
      mode: 'transparent',
      model: 'u2netp',
      device: 'cpu',
      format: 'png',
      width: 320,
      height: 240,
    });
    expect(result.artifacts.output).toMatch(new RegExp(`^${engine.url}/download/cleanup_[\\w-]{22}\\.png$`));
    const [x, y, w, h] = result.bbox;
    const disc = [88, 48, 232, 192];
    [x, y, x + w, y + h].forEach((edge, index) =>
      expect(Math.abs(edge - disc[index])).toBeLessThanOrEqual(5),
    );
    expect(result.coverage).toBeCloseTo((Math.PI * 72 ** 2) / (320 * 240), 1);

    const cutout = Buffer.from(await (await fetch(result.artifacts.output)).arrayBuffer());
    expect(await pixelAt(cutout, 0.02, 0.02)).toEqual([0, 0, 0, 0]);
    const [red, green, , alpha] = await pixelAt(cutout, 0.5, 0.5);
    expect(alpha).toBe(255);
    expect(red - green).toBeGreaterThan(100);
  });

  test('defaults: a file alone is enough', async () => {
    expect(await (await post(cleanup, photo)).json()).toMatchObject({ mode: 'transparent', format: 'png' });
  });

  test('Accept: image/* answers with the picture and its result in a header', async () => {
    const response = await post(
      cleanup,
      photo,
      { mode: 'color', bgcolor: '#00ff00', format: 'webp' },
      { Accept: 'image/*' },
    );
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect(JSON.parse(response.headers.get('x-vitrine-result')!)).toMatchObject({
      mode: 'color',
      format: 'webp',
    });
    const [red, green, blue, alpha] = await pixelAt(Buffer.from(await response.arrayBuffer()), 0.02, 0.02);
    expect(Math.abs(red) + Math.abs(255 - green) + Math.abs(blue)).toBeLessThan(12);
    expect(alpha).toBe(255);
  });

  test('Accept: application/x-ndjson streams progress and ends with the result', async () => {
    const response = await post(cleanup, photo, {}, { Accept: 'application/x-ndjson' });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ type: 'progress', stage: 'decode' });
    expect(lines.at(-1)).toMatchObject({ type: 'result', result: { model: 'u2netp' } });
  });

  test('soften keeps the original format and frame', async () => {
    const result = await (await post(cleanup, photo, { mode: 'soften' })).json();
    expect(result).toMatchObject({ format: 'jpeg', width: 320, height: 240 });
  });

  test('mask and the mask beside a cutout', async () => {
    const result = await (await post(cleanup, photo, { mask: 'true', size: '200' })).json();
    expect(result).toMatchObject({ width: 200, height: 200 });
    const mask = Buffer.from(await (await fetch(result.artifacts.mask)).arrayBuffer());
    expect((await pixelAt(mask, 0.5, 0.5)).slice(0, 3)).toEqual([255, 255, 255]);
    expect((await pixelAt(mask, 0.01, 0.01)).slice(0, 3)).toEqual([0, 0, 0]);
  });

  test('deleting a file', async () => {
    const { artifacts } = await (await post(cleanup, photo)).json();
    expect((await fetch(artifacts.output, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(artifacts.output)).status).toBe(404);
  });
});

describe('bad input gets a clear answer', () => {
  test.each<[string, Record<string, string>, number, string]>([
    ['an unknown mode', { mode: 'blur' }, 400, 'INVALID_PARAMETER'],
    ['jpeg with transparency', { format: 'jpeg' }, 400, 'INVALID_PARAMETER'],
    ['a size with soften', { mode: 'soften', size: '100' }, 400, 'INVALID_PARAMETER'],
    ['an unknown parameter', { sharpen: 'true' }, 400, 'INVALID_PARAMETER'],
    ['an unknown model', { model: 'magic' }, 400, 'UNKNOWN_MODEL'],
    [
      'a device that plain has not',
      { model: 'plain', device: 'cuda', strict_device: 'true' },
      503,
      'DEVICE_UNAVAILABLE',
    ],
  ])('%s', async (_, fields, status, code) => {
    const response = await post(cleanup, photo, fields);
    expect(response.status).toBe(status);
    const { error } = await response.json();
    expect(error).toMatchObject({ code, message: expect.any(String), hint: expect.stringMatching(/\w{3,}/) });
  });

  test('a cluttered scene for plain', async () => {
    const response = await post(cleanup, await writeClutter(folder), { model: 'plain' });
    expect(response.status).toBe(422);
    expect((await response.json()).error.code).toBe('CLUTTERED_BACKGROUND');
  });

  test('text instead of a picture', async () => {
    writeFileSync(join(folder, 'notes.jpg'), 'no picture at all');
    const response = await post(cleanup, join(folder, 'notes.jpg'));
    expect(response.status).toBe(415);
    expect((await response.json()).error.code).toBe('UNSUPPORTED_FORMAT');
  });

  test('no picture', async () => {
    expect((await (await post(cleanup, undefined, { mode: 'mask' })).json()).error.message).toBe(
      'Expected file to be a picture but received nothing',
    );
  });

  test('JSON instead of a form', async () => {
    const response = await fetch(cleanup, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(415);
    expect((await response.json()).error.hint).toContain('curl -F');
  });

  test('half a form', async () => {
    const body = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nabc';
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const response = await fetch(cleanup, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
  });

  test('errors come as the last line of a progress stream too', async () => {
    const response = await post(
      cleanup,
      await writeClutter(folder),
      { model: 'plain' },
      { Accept: 'application/x-ndjson' },
    );
    const last = (await response.text()).trim().split('\n').at(-1)!;
    expect(JSON.parse(last).error.code).toBe('CLUTTERED_BACKGROUND');
  });

  test('an unknown route', async () => {
    const response = await fetch(`${engine.url}/nothing?key=secret`);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('secret');
  });
});

describe('pictures by address', () => {
  let files: Server;
  let base: string;

  beforeAll(async () => {
    files = createServer((request, response) => {
      const path = request.url!.split('?')[0];
      if (path === '/photo.jpg') response.end(readFileSync(photo));
      else if (path === '/to-photo') response.writeHead(302, { location: '/photo.jpg' }).end();
      else if (path === '/to-meta')
        response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
      else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
      else if (path === '/broken') {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('x');
        setTimeout(() => response.destroy(), 50);
      } else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await waitFor(() => files.listening);
    base = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  });
  afterAll(() => files.close());

  test.each(['/photo.jpg?signature=abc', '/to-photo'])('%s is downloaded', async (path) => {
    expect(await (await post(cleanup, undefined, { url: base + path })).json()).toMatchObject({
      model: 'u2netp',
      width: 320,
    });
  });

  test.each([
    ['/missing?signature=abc', 422, 'FETCH_FAILED'],
    ['/to-meta', 403, 'ADDRESS_BLOCKED'],
    ['/loop', 422, 'FETCH_FAILED'],
    ['/broken', 422, 'FETCH_FAILED'],
  ])('%s is refused without its query', async (path, status, code) => {
    const response = await post(cleanup, undefined, { url: base + path });
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(JSON.parse(text).error.code).toBe(code);
    expect(text).not.toContain('abc');
  });

  test.each(['http://10.0.0.1/x', 'http://[::1]:1/x', 'http://169.254.169.254/x', 'http://0.0.0.0/x'])(
    '%s is not public',
    async (url) => {
      const response = await post(cleanup, undefined, { url });
      expect((await response.json()).error.code).toBe('ADDRESS_BLOCKED');
    },
  );

  test.each(['file:///etc/passwd', 'ftp://x/y', 'photo.jpg'])('%s is no web address', async (url) => {
    expect((await (await post(cleanup, undefined, { url })).json()).error.code).toBe('INVALID_PARAMETER');
  });

  test('a file and an address at once', async () => {
    expect((await post(cleanup, photo, { url: `${base}/photo.jpg` })).status).toBe(400);
  });
});

describe('service routes', () => {
  test('GET /health', async () => {
    expect(await (await fetch(`${engine.url}/health`)).json()).toMatchObject({
      status: 'ok',
      service: 'vitrine',
      version: packVersion,
      device: 'auto',
      queue: { running: 0, waiting: 0 },
      configuration: { requests_per_minute: 0, output_ttl_hours: 24 },
    });
  });

  test('GET /ready', async () => {
    expect(await (await fetch(`${engine.url}/ready`)).json()).toEqual({ status: 'ready' });
  });

  test('GET /ping', async () => {
    expect(await (await fetch(`${engine.url}/ping`)).json()).toEqual({ status: 'ok' });
  });

  test('GET /presets', async () => {
    const presets = await (await fetch(`${engine.url}/presets`)).json();
    expect(presets).toContainEqual({
      name: 'marble',
      description: 'White marble table before a light wall',
      backdrop: 'studio',
      own: false,
    });
  });

  test('GET /models', async () => {
    const models = await (await fetch(`${engine.url}/models`)).json();
    expect(models).toContainEqual(expect.objectContaining({ id: 'plain', available: true, license: 'MIT' }));
  });

  test('GET /metrics', async () => {
    const text = await (await fetch(`${engine.url}/metrics`)).text();
    expect(text).toMatch(/vitrine_jobs_total\{job="remove",outcome="ok"\} \d+/);
    expect(text).toContain('vitrine_jobs_waiting 0');
  });

  test('GET /docs and its description of every parameter', async () => {
    expect((await fetch(`${engine.url}/docs`)).status).toBe(200);
    const { paths } = await (await fetch(`${engine.url}/docs/json`)).json();
    const form =
      paths['/background/cleanup'].post.requestBody.content['multipart/form-data'].schema.properties;
    expect(form).toMatchObject({
      file: { format: 'binary' },
      enhance_fg: { default: true },
      denoise: { default: false },
    });
  });

  test('a page of another origin gets nothing', async () => {
    const response = await fetch(`${engine.url}/models`, { headers: { Origin: 'https://evil.example' } });
    expect(response.status).toBe(403);
  });
});

test('hanging up cancels the job and leaves nothing behind', async () => {
  process.kill(engine.workerPid(), 'SIGSTOP');
  const controller = new AbortController();
  const request = post(cleanup, photo, {}, {}, controller.signal);
  await waitFor(() => engine.tempFiles().length > 0);
  await sleep(200);
  controller.abort();
  await expect(request).rejects.toThrow();
  await waitFor(() => engine.tempFiles().length === 0);
  expect((await post(cleanup, photo)).status).toBe(200);
});

test.each([
  ['before the picture', ''],
  [
    'in the middle of the picture',
    'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nabc',
  ],
])('hanging up %s ends the job', async (_, begun) => {
  const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': '1000' };
  const request = httpRequest(cleanup, { method: 'POST', headers });
  const broken = expect(once(request, 'response')).rejects.toThrow();
  request.write(`--x\r\n${begun}`);
  await waitFor(() => engine.tempFiles().length > 0);
  request.destroy();
  await broken;
  await waitFor(() => engine.tempFiles().length === 0);
});

test('hanging up in the middle of the answer deletes the result', async () => {
  const [width, height] = [2600, 2600];
  const grain = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0, state = 1; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const product = Math.hypot(x - width / 2, y - height / 2) < 1100;
      // Grain keeps the answer from fitting into the buffers of the connection.
      if (product) state = (state * 1103515245 + 12345) % 2147483648;
      grain.fill(product ? 60 + ((state >> 16) & 127) : 240, at, at + 3);
    }
  }
  const large = join(folder, 'grain.png');
  await sharp(grain, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toFile(large);
  const before = readdirSync(join(folder, 'output')).length;
  const controller = new AbortController();
  const fields = { model: 'plain', enhance_fg: 'false' };
  const response = await post(cleanup, large, fields, { Accept: 'image/*' }, controller.signal);
  expect(response.status).toBe(200);
  expect(readdirSync(join(folder, 'output'))).toHaveLength(before + 1);
  controller.abort();
  await waitFor(() => readdirSync(join(folder, 'output')).length === before);
});

test('killing the worker in mid-job: a clear error, then a result', async () => {
  const worker = engine.workerPid();
  process.kill(worker, 'SIGSTOP');
  const request = post(cleanup, photo);
  await waitFor(() => engine.tempFiles().length > 0);
  await sleep(200);
  process.kill(worker, 'SIGKILL');
  const response = await request;
  expect(response.status).toBe(500);
  expect((await response.json()).error).toMatchObject({
    code: 'WORKER_DIED',
    hint: expect.stringContaining('try again'),
  });
  expect((await post(cleanup, photo)).status).toBe(200);
});

test('ending the engine leaves no process and no temp file; logs name no secret', async () => {
  const worker = engine.workerPid();
  await engine.stop();
  expect(engine.process.exitCode).toBe(0);
  expect(() => process.kill(worker, 0)).toThrow('ESRCH');
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  expect(engine.log()).not.toContain('abc');
  expect(readFileSync(join(folder, 'logs', 'app.log'), 'utf8')).toContain(
    'All models initialized successfully',
  );
});
