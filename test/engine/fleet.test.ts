import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineClientOptions, type JobOptions, engineClient } from '../../lib/engine/client';
import { type TestEngine, startEngine, waitFor } from '../support/engine';
import { tinyModels } from '../support/models';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

/** Several engines, real ones where that is possible, and what can happen to one of them. */
const folder = tempFolder();
const token = 'a-long-random-token';
/** What the client has seen of an engine is good for a quarter of a second. */
const LOOK_MS = 300;
let first: TestEngine;
let second: TestEngine;
let photo: string;

beforeAll(async () => {
  photo = await writePackshot(folder);
  const env = { VITRINE_TOKEN: token };
  [first, second] = await Promise.all([
    startEngine(`${folder}/first`, env),
    startEngine(`${folder}/second`, { ...env, VITRINE_MODELS_DIR: tinyModels(folder) }),
  ]);
});
// A test that fails leaves nobody stopped.
afterEach(() => {
  for (const engine of [first, second]) {
    engine.process.kill('SIGCONT');
    process.kill(engine.workerPid(), 'SIGCONT');
  }
});
afterAll(async () => {
  await Promise.all([first.stop(), second.stop()]);
});

const remove = (urls: string[], params = {}, options: JobOptions & EngineClientOptions = {}) => {
  const file = { open: () => createReadStream(photo), fileName: 'photo.jpg', mimeType: 'image/jpeg' };
  const client = engineClient({ urls, token, ...options });
  return client.run('remove', { files: { file }, params: { model: 'plain', ...params } }, options);
};

/** How many jobs an engine has done or failed. */
async function jobsOf({ url }: TestEngine): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  const metrics = await (await fetch(`${url}/metrics`, { headers })).text();
  const counts = [...metrics.matchAll(/^vitrine_jobs_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

const ownerOf = (job: Awaited<ReturnType<typeof remove>>) => new URL(job.result.artifacts.output!).origin;

/** Whether a job that only the engine at `url` can do gets there; another one does not know its model. */
const isAsked = (url: string, urls: string[]) =>
  remove(urls, { model: 'my-birefnet' }).then(
    (job) => ownerOf(job) === url,
    () => false,
  );

test('a model that one engine has is asked of that one', async () => {
  await waitFor(async () =>
    (await engineClient({ urls: [second.url] }).health()).models?.includes('my-birefnet'),
  );
  await waitFor(async () => (await engineClient({ urls: [first.url] }).health()).models);
  await sleep(LOOK_MS);
  for (const urls of [
    [first.url, second.url],
    [second.url, first.url],
  ])
    expect(ownerOf(await remove(urls, { model: 'my-birefnet' }))).toBe(second.url);
  const models = await engineClient({ urls: [first.url, second.url], token }).models();
  expect(models.find(({ id }) => id === 'my-birefnet')).toMatchObject({ available: true });
});

test('an engine says how long its jobs take, and what room it has', async () => {
  for (let job = 0; job < 3; job++) await remove([first.url]);
  expect(await engineClient({ urls: [first.url] }).health()).toMatchObject({
    jobs: { remove: { running: 0, waiting: 0, workers: 1, seconds: expect.any(Number) } },
    queue: { coming: 0 },
    disk_free_bytes: expect.any(Number),
  });
});

describe('one that is unplugged', () => {
  test('is passed over, costs the next jobs nothing, and is taken back', async () => {
    const urls = [first.url, second.url];
    await sleep(LOOK_MS);
    second.process.kill('SIGSTOP');
    for (let job = 0; job < 3; job++) expect(ownerOf(await remove(urls))).toBe(first.url);
    second.process.kill('SIGCONT');
    await waitFor(() => isAsked(second.url, urls));
  });

  test('is said to be silent where it is the only one', async () => {
    await sleep(LOOK_MS);
    first.process.kill('SIGSTOP');
    await expect(remove([first.url])).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: `No Vitrine engine answers at ${first.url}: it was silent for 3000 ms`,
    });
    first.process.kill('SIGCONT');
  });

  test('before its results were fetched: that fails in time, and nothing waits to delete them', async () => {
    const job = await remove([first.url], {}, { timeoutSeconds: 10 });
    first.process.kill('SIGSTOP');
    await expect(job.download('output')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await job.discard();
    first.process.kill('SIGCONT');
  });

  test('while it has a job: that fails, and nobody does it twice', async () => {
    await remove([first.url]);
    const before = await jobsOf(second);
    process.kill(first.workerPid(), 'SIGSTOP');
    const job = remove([first.url], {}, { silenceSeconds: 2 });
    const outcome = expect(job).rejects.toMatchObject({
      code: 'ENGINE_LOST',
      message: expect.stringContaining('nothing came from it for 2 s'),
    });
    await waitFor(() => first.tempFiles().length > 0);
    first.process.kill('SIGSTOP');
    await outcome;
    expect(await jobsOf(second)).toBe(before);
    first.process.kill('SIGCONT');
    process.kill(first.workerPid(), 'SIGCONT');
    await waitFor(() => first.tempFiles().length === 0);
  });
});

test('one that was killed is passed over, and taken back when it is started again', async () => {
  const home = `${folder}/third`;
  const env = { VITRINE_TOKEN: token, VITRINE_MODELS_DIR: `${folder}/models` };
  const third = await startEngine(home, env);
  const urls = [third.url, first.url];
  third.process.kill('SIGKILL');
  for (let job = 0; job < 3; job++) expect(ownerOf(await remove(urls))).toBe(first.url);
  const again = await startEngine(home, env, Number(new URL(third.url).port));
  await waitFor(() => isAsked(again.url, urls));
  await again.stop();
});

describe('one that answers garbage', () => {
  const garbage: RequestListener = (request, response) => {
    request.resume();
    response.end(request.url === '/health' ? '{"service":"vitrine","status":"ok"}' : '<h1>Printer</h1>');
  };

  test('is passed over', async () => {
    const url = await listen(garbage);
    expect(ownerOf(await remove([url, first.url]))).toBe(first.url);
    await expect(remove([url])).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: `${url} answered 200, but not as a Vitrine engine does`,
    });
  });

  test.each([
    ['no JSON', '<h1>Printer</h1>'],
    ['a result that is none', '{"type":"result","result":7}'],
    ['an error that is none', '{"type":"error","error":"no"}'],
  ])('in place of a result, %s: the item fails and is not sent elsewhere', async (_, answer) => {
    // It says that it is done at once, and so is asked before the other.
    const jobs = { remove: { running: 0, waiting: 0, workers: 1, seconds: 0 } };
    const queue = jobs.remove;
    const health = JSON.stringify({ service: 'vitrine', status: 'ok', models: ['plain'], queue, jobs });
    const url = await listen((request, response) => {
      request.resume();
      response.end(request.url === '/health' ? health : `${answer}\n`);
    });
    while (!(await engineClient({ urls: [second.url] }).health()).jobs?.remove?.seconds)
      await remove([second.url]);
    const before = await jobsOf(second);
    await expect(remove([url, second.url])).rejects.toMatchObject({
      code: 'ENGINE_LOST',
      message: expect.stringContaining(`${url} took the item and answered what no Vitrine engine says`),
    });
    expect(await jobsOf(second)).toBe(before);
  });
});

const disk = tempFolder();
const mount = () => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0;
const unmount = () => execFileSync('umount', ['-l', disk]);
const canMount = mount();
if (canMount) unmount();
const withDisk = canMount ? test : test.skip;
withDisk(`one with a full disk${canMount ? '' : ' (skipped: mount needs root)'}`, async () => {
  mount();
  mkdirSync(`${disk}/output`);
  const full = await startEngine(`${folder}/full`, {
    VITRINE_TOKEN: token,
    OUTPUT_DIR: `${disk}/output`,
  });
  writeFileSync(`${disk}/other`, Buffer.alloc(1024 ** 2 - 16 * 1024));
  try {
    for (let job = 0; job < 3; job++) expect(ownerOf(await remove([full.url, second.url]))).toBe(second.url);
    await expect(remove([full.url])).rejects.toMatchObject({ code: 'DISK_FULL' });
  } finally {
    await full.stop();
    unmount();
  }
});

/** Engines that do nothing but wait, one job at a time; each says how long a job takes. */
async function waiters(...milliseconds: number[]) {
  const done = milliseconds.map(() => 0);
  const urls = await Promise.all(
    milliseconds.map((ms, index) => {
      let queue = Promise.resolve();
      let waiting = 0;
      return listen(async (request, response) => {
        request.resume();
        const remove = { running: Math.min(1, waiting), waiting: Math.max(0, waiting - 1), workers: 1 };
        const jobs = { remove: { ...remove, seconds: ms / 1000 } };
        const health = { service: 'vitrine', status: 'ok', queue: jobs.remove, jobs };
        if (request.url === '/health') return void response.end(JSON.stringify(health));
        waiting += 1;
        queue = queue.then(() => sleep(ms));
        await queue;
        waiting -= 1;
        done[index] += 1;
        response.end(`${JSON.stringify({ type: 'result', result: { artifacts: {} } })}\n`);
      });
    }),
  );
  return { urls, done };
}

test('a slow one next to a fast one gets its share', async () => {
  const { urls, done } = await waiters(20, 100);
  // Ten at a time, as n8n's items in parallel.
  let left = 60;
  const caller = async () => {
    while (left-- > 0) await remove(urls);
  };
  await Promise.all(Array.from({ length: 10 }, caller));
  const [fast, slow] = done;
  expect(fast + slow).toBe(60);
  expect(slow).toBeGreaterThanOrEqual(3);
  expect(slow).toBeLessThanOrEqual(20);
});

test('Retry-After of somebody in between is honoured, as seconds and as a date', async () => {
  const { urls, done } = await waiters(1);
  const asked: number[] = [];
  const url = await listen(async (request, response) => {
    if (request.url === '/health') return void response.end(await (await fetch(`${urls[0]}/health`)).text());
    asked.push(Date.now());
    request.resume();
    const after = asked.length === 1 ? '1' : new Date(Date.now() + 2000).toUTCString();
    if (asked.length < 3) return void response.writeHead(503, { 'retry-after': after }).end('busy');
    await fetch(urls[0], { method: 'POST' });
    response.end(`${JSON.stringify({ type: 'result', result: { artifacts: {} } })}\n`);
  });
  await remove([url]);
  expect(done).toEqual([1]);
  expect(asked[1] - asked[0]).toBeGreaterThanOrEqual(1000);
  expect(asked[2] - asked[1]).toBeGreaterThanOrEqual(900);
});
