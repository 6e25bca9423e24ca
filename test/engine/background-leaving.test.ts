import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type TestEngine, startEngine, waitFor } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { type Receiver, answer, startReceiver } from '../support/receiver';
import { startRunway, task } from '../support/runway';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

/** An engine that is told to end while jobs go on that nobody waits for, or callbacks are owed. */
const END_MS = 10_000;
const folder = tempFolder();
let engine: TestEngine;
let receiver: Receiver;
let pictures: string;
/** Downloads of the photo that nothing was answered to yet. */
let asked: ServerResponse[] = [];
let photo: Buffer;

beforeAll(async () => {
  photo = readFileSync(await writePackshot(folder));
  pictures = await listen((_request, response) => asked.push(response));
});
beforeEach(async () => {
  asked = [];
  receiver = await startReceiver();
});
afterEach(() => engine.stop());

async function start(name: string, env: Record<string, string> = {}): Promise<void> {
  mkdirSync(join(folder, name));
  engine = await startEngine(join(folder, name), {
    ...{ VITRINE_OFFLINE: 'true', VITRINE_ALLOW_HOSTS: '127.0.0.1', ...env },
  });
}

const send = (fields: object = {}, route = '/api/background/replace') =>
  fetch(`${engine.url}${route}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      ...{ url: `${pictures}/photo.jpg`, model: 'plain', width: 160, height: 120 },
      ...{ callbackUrl: receiver.url, ...fields },
    }),
  });

/** A job that waits for its photo. */
async function begin(): Promise<string> {
  const response = await send();
  expect(response.status).toBe(202);
  await waitFor(() => asked.length === 1);
  return (await response.json()).jobId;
}

/** Tells it to end, and waits until it does so, in time. */
async function ended(meanwhile: () => unknown = () => undefined): Promise<void> {
  const began = performance.now();
  engine.process.kill('SIGTERM');
  await waitFor(async () => (await health())?.status !== 'ok');
  await meanwhile();
  await waitFor(() => engine.process.exitCode !== null, 15);
  expect(engine.process.exitCode).toBe(0);
  expect(performance.now() - began).toBeLessThan(END_MS);
  expect(engine.tempFiles()).toEqual([]);
}

const health = async () =>
  fetch(`${engine.url}/health`).then(
    (response) => response.json(),
    () => undefined,
  );

test('a job that can still be done is done, and its receiver told; the picture stays', async () => {
  await start('done');
  // The first one waits until all is loaded.
  await begin();
  asked.pop()!.end(photo);
  await waitFor(() => receiver.received.pop());
  const jobId = await begin();
  await ended(() => asked[0].end(photo));
  expect(receiver.received.map(({ json }) => json)).toEqual([
    expect.objectContaining({ event: 'background.job.succeeded', jobId }),
  ]);
  const name = receiver.received[0].json.outputUrl.split('/').pop();
  expect(existsSync(join(folder, 'done', 'output', name))).toBe(true);
});

test('one that cannot be done any more fails, and its receiver is told', async () => {
  await start('cut off');
  const jobId = await begin();
  await ended();
  expect(receiver.received.map(({ json }) => json)).toEqual([
    expect.objectContaining({
      ...{ event: 'background.job.failed', jobId, error: 'The engine was ended before this job was done' },
    }),
  ]);
});

test('a callback that waits for a better time is made now', async () => {
  await start('early');
  receiver.script = [answer(503, { 'retry-after': '600' }), answer(200)];
  const jobId = await begin();
  asked[0].end(photo);
  await waitFor(() => receiver.received.length === 1);
  await ended();
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([jobId, jobId]);
});

test('a receiver that never answers does not keep it, and is told of in the log', async () => {
  await start('silent');
  receiver.script = [() => undefined];
  const jobId = await begin();
  asked[0].end(photo);
  await waitFor(() => receiver.received.length === 1);
  await ended();
  const line = engine
    .log()
    .split('\n')
    .find((text) => text.includes('A callback was not delivered'));
  expect(JSON.parse(line!)).toMatchObject({ jobId, reason: 'the engine ended' });
});

test('scenes that are on their way are given up at Runway, receivers told, and who waits as well', async () => {
  const runway = await startRunway(photo);
  runway.look = [task({ status: 'RUNNING', progress: 0.1 })];
  await start('scenes', { VITRINE_RUNWAY_URL: runway.url, RUNWAY_API_KEY: 'key_very-secret-0123456789' });
  const answers = ['/background/replace', '/api/background/replace'].map((route) =>
    send({ prompt: `a road of ${route}`, engine: 'runway' }, route),
  );
  await waitFor(() => asked.length === 2);
  asked.forEach((response) => response.end(photo));
  const begun = () => runway.asked.filter(({ method }) => method === 'POST').length;
  await waitFor(() => begun() === 2);
  await ended();
  expect(runway.asked.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
  const [waiting, taken] = await Promise.all(answers);
  expect([waiting.status, (await waiting.json()).error.code, taken.status]).toEqual([
    502,
    'ENGINE_LOST',
    202,
  ]);
  expect(receiver.received.map(({ json }) => [json.event, json.error])).toEqual(
    Array(2).fill(['background.job.failed', 'The engine was ended before this job was done']),
  );
});

test('none is taken any more', async () => {
  await start('full');
  await begin();
  await ended(async () => {
    const response = await fetch(`${engine.url}/api/background/replace`, { method: 'POST', body: '{}' });
    expect([response.status, (await response.json()).error.code]).toEqual([503, 'ENGINE_RETIRING']);
  });
});
