import { createReadStream, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineClient, type JobOptions, type JobSource, engineClient } from '../../lib/engine/client';
import { type TestEngine, startEngine, waitFor } from '../support/engine';
import { pixelAt, writeClutter, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

const folder = tempFolder();
const token = 'a-long-random-token';
let engine: TestEngine;
let photo: string;

beforeAll(async () => {
  photo = await writePackshot(folder);
  engine = await startEngine(folder, { VITRINE_TOKEN: token });
});
afterAll(async () => {
  await engine.stop();
});

/** A cutout as a job of any client. */
const remove = (client: EngineClient, source: JobSource, params = {}, options: JobOptions = {}) =>
  client.run('remove', { files: { file: source }, params }, options);

const upload = (file = photo) => ({
  open: () => createReadStream(file),
  fileName: 'photo.jpg',
  mimeType: 'image/jpeg',
});

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const healthOf = (queue: { running: number; waiting: number }) =>
  JSON.stringify({ status: 'ok', service: 'vitrine', version: '0', instance: 'x', queue });

function busy(
  times: number,
  body: object,
  status: number,
): { listener: RequestListener; posts: () => number } {
  let posts = 0;
  const listener: RequestListener = (request, response) => {
    if (request.url === '/health') return void response.end(healthOf({ running: 0, waiting: 0 }));
    posts += 1;
    request.resume();
    if (posts <= times)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    else
      response.end(`${JSON.stringify({ type: 'result', result: { model: 'stand-in', artifacts: {} } })}\n`);
  };
  return { listener, posts: () => posts };
}

const queueFull = { error: { code: 'QUEUE_FULL', message: 'full', hint: 'wait', retryAfter: 0.2 } };
const retiring = { error: { ...queueFull.error, code: 'ENGINE_RETIRING' } };

describe('one remote engine', () => {
  const client = () => engineClient({ urls: [engine.url], token });
  const isRunning = async () => (await client().health()).queue.running === 1;

  test('uploads, follows progress, downloads, discards', async () => {
    const stages: string[] = [];
    const job = await remove(
      client(),
      upload(),
      { mask: true },
      { onProgress: ({ stage }) => stages.push(stage) },
    );
    expect(job.result).toMatchObject({ model: 'u2netp', width: 320 });
    expect(stages[0]).toBe('decode');
    expect((await pixelAt(await collect(await job.download('output')), 0.5, 0.5))[3]).toBe(255);
    expect((await collect(await job.download('mask'))).length).toBeGreaterThan(0);
    await job.discard();
    await expect(job.download('output')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('an upload of known size', async () => {
    const { size } = statSync(photo);
    expect((await remove(client(), { ...upload(), size }, {})).result.model).toBe('u2netp');
  });

  test('the engine’s own words reach the caller', async () => {
    const clutter = await writeClutter(folder);
    await expect(remove(client(), upload(clutter), { model: 'plain' })).rejects.toMatchObject({
      code: 'CLUTTERED_BACKGROUND',
      hint: expect.any(String),
    });
  });

  test('a wrong token', async () => {
    const wrong = engineClient({ urls: [engine.url], token: 'wrong' });
    await expect(remove(wrong, upload(), {})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(wrong.models()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(engineClient({ urls: [engine.url] }).models()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });

  test('models and health', async () => {
    expect(await client().models()).toContainEqual(expect.objectContaining({ id: 'plain', available: true }));
    expect(await client().health()).toMatchObject({ service: 'vitrine' });
  });

  test('a failing upload stream', async () => {
    const source = { ...upload(), open: () => createReadStream('/nowhere/photo.jpg') };
    await expect(remove(client(), source, {})).rejects.toMatchObject({
      code: 'FETCH_FAILED',
      message: 'photo.jpg could not be read: ENOENT',
    });
    expect((await remove(client(), upload(), {})).result.model).toBe('u2netp');
  });

  test('cancelling', async () => {
    process.kill(engine.workerPid(), 'SIGSTOP');
    const controller = new AbortController();
    const job = remove(client(), upload(), {}, { signal: controller.signal });
    // Only a job that has reached the worker lets the engine end it; stopped, it would hold up every other test.
    await waitFor(isRunning);
    controller.abort();
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    await waitFor(() => engine.tempFiles().length === 0);
  });

  test('a deadline of the caller’s', async () => {
    await client().models();
    process.kill(engine.workerPid(), 'SIGSTOP');
    const job = remove(client(), upload(), {}, { timeoutSeconds: 2 });
    const outcome = expect(job).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await waitFor(isRunning);
    await outcome;
    expect((await remove(client(), upload(), {})).result.model).toBe('u2netp');
  });

  test('an engine killed in mid-job', async () => {
    const other = await startEngine(tempFolderOf('killed'), { VITRINE_TOKEN: token });
    const worker = await waitFor(() => other.workerPid());
    process.kill(worker, 'SIGSTOP');
    const job = remove(engineClient({ urls: [other.url], token }), upload(), {});
    const outcome = expect(job).rejects.toMatchObject({ code: 'ENGINE_LOST' });
    await waitFor(() => other.tempFiles().length > 0);
    await sleep(200);
    other.process.kill('SIGKILL');
    process.kill(worker, 'SIGCONT');
    await outcome;
    await waitFor(() => isGone(worker));
  });
});

describe('several remote engines', () => {
  test('a dead one is passed over', async () => {
    const notices: string[] = [];
    const client = engineClient({
      urls: ['http://127.0.0.1:9', engine.url],
      token,
      onNotice: (text) => notices.push(text),
    });
    expect((await remove(client, upload(), {})).result.model).toBe('u2netp');
  });

  test('the least busy one gets the job', async () => {
    const full = await listen((request, response) => {
      response.end(request.url === '/health' ? healthOf({ running: 2, waiting: 7 }) : 'never asked');
    });
    expect((await remove(engineClient({ urls: [full, engine.url], token }), upload(), {})).result.model).toBe(
      'u2netp',
    );
  });

  test('a full one hands the job on', async () => {
    const { listener, posts } = busy(99, queueFull, 503);
    const notices: string[] = [];
    const client = engineClient({
      urls: [await listen(listener), engine.url],
      token,
      onNotice: (text) => notices.push(text),
    });
    process.kill(engine.workerPid(), 'SIGSTOP');
    const other = remove(engineClient({ urls: [engine.url], token }), upload(), {});
    await waitFor(() => engine.tempFiles().length > 0);
    const job = remove(client, upload(), {});
    await waitFor(() => posts() === 1);
    process.kill(engine.workerPid(), 'SIGCONT');
    expect((await job).result.model).toBe('u2netp');
    expect(notices).toEqual(['full; trying the next engine']);
    await other;
  });

  test('one that is about to end hands the job on', async () => {
    const { listener, posts } = busy(99, retiring, 503);
    const urls = [await listen(listener), engine.url];
    process.kill(engine.workerPid(), 'SIGSTOP');
    const other = remove(engineClient({ urls: [engine.url], token }), upload(), {});
    await waitFor(() => engine.tempFiles().length > 0);
    const job = remove(engineClient({ urls, token }), upload(), {});
    await waitFor(() => posts() === 1);
    process.kill(engine.workerPid(), 'SIGCONT');
    expect((await job).result.model).toBe('u2netp');
    await other;
  });

  test('when all are gone the error names one', async () => {
    const client = engineClient({ urls: ['http://127.0.0.1:9', 'http://127.0.0.1:1'] });
    await expect(remove(client, upload(), {})).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1'),
    });
    await expect(client.health()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  });
});

describe('an engine that answers oddly', () => {
  test.each([
    ['is full', queueFull, 503],
    ['is about to end, with one to follow', retiring, 503],
    ['limits the rate', { error: { ...queueFull.error, code: 'RATE_LIMITED' } }, 429],
  ])('%s: the client waits as long as asked, then goes on', async (_, body, status) => {
    const { listener, posts } = busy(2, body, status);
    const job = await remove(engineClient({ urls: [await listen(listener)] }), upload(), {});
    expect(job.result.model).toBe('stand-in');
    expect(posts()).toBe(3);
  });

  test('is no Vitrine engine', async () => {
    const url = await listen((request, response) => {
      request.resume();
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Printer</h1>');
    });
    await expect(remove(engineClient({ urls: [url] }), upload(), {})).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: `${url} answered 404, but not as a Vitrine engine does`,
    });
  });

  test('ends its answer early', async () => {
    const url = await listen((request, response) => {
      request.resume();
      const progress = '{"type":"progress","stage":"decode","fraction":0}\n';
      response.end(request.url === '/health' ? healthOf({ running: 0, waiting: 0 }) : progress);
    });
    await expect(remove(engineClient({ urls: [url] }), upload(), {})).rejects.toMatchObject({
      code: 'ENGINE_LOST',
    });
  });
});

function tempFolderOf(name: string): string {
  return `${folder}/${name}`;
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
