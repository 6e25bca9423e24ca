import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig, parse, removeParams } from '../../lib/contracts';
import { WorkerPool, Workspace } from '../../lib/engine';
import { waitFor, workersOf } from '../support/engine';
import { writeClutter, writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

const folder = tempFolder();
const config = {
  ...loadConfig({ VITRINE_OFFLINE: 'true' }),
  tempDir: folder,
  modelsDir: folder,
  maxQueue: 4,
};
const params = parse(removeParams, { model: 'plain' });
const workspace = new Workspace(folder);
const deaths: string[] = [];
let pool: WorkerPool;
let photo: string;

beforeAll(async () => {
  await workspace.prepare();
  photo = await writePackshot(folder);
  pool = new WorkerPool(config, { onWorkerDeath: ({ reason }) => deaths.push(reason) });
  await pool.warmUp();
});
afterAll(() => pool.close());

type Options = Omit<Parameters<WorkerPool['run']>[2], 'folder'>;

const job = (options: Options = {}, file = photo, by = pool, model = 'auto') =>
  workspace.withFolder((inner) =>
    by.run('remove', { file, params: { ...params, model } }, { ...options, folder: inner }),
  );

/** Process id of the pool's only worker. */
const worker = () => workersOf(process.pid)[0];

test('runs a job and reports its progress', async () => {
  const stages: string[] = [];
  const result = await job({ onProgress: ({ stage }) => stages.push(stage) });
  expect(result).toMatchObject({ model: 'u2netp', device: 'cpu', format: 'png', width: 320, height: 240 });
  expect(stages[0]).toBe('decode');
});

test('what runs networks tells nobody of it', () => {
  expect(environmentOf(worker())).toContain('ORT_DISABLE_TELEMETRY=1\0');
});

test('a bad picture fails alone', async () => {
  const clutter = await writeClutter(folder);
  const outcomes = await Promise.allSettled([job(), job({}, clutter, pool, 'plain'), job()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((outcomes[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'CLUTTERED_BACKGROUND' });
});

test('the job that takes its worker down fails alone; those that were there and those that waited get their results', async () => {
  process.kill(worker(), 'SIGSTOP');
  // Its folder is made first: without waiting, the second job may be there before it.
  const first = job();
  await waitFor(() => pool.load.running === 1);
  const jobs = [first, job(), job()];
  await waitFor(() => pool.load.waiting === 1);
  process.kill(worker(), 'SIGKILL');
  // The first of the two suspects is alone in the next worker, and takes it down as well.
  await waitFor(() => pool.load.running === 1 && pool.load.waiting === 2);
  process.kill(worker(), 'SIGKILL');
  const outcomes = await Promise.allSettled(jobs);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect((outcomes[0] as PromiseRejectedResult).reason).toMatchObject({ code: 'WORKER_DIED' });
  expect((outcomes[0] as PromiseRejectedResult).reason.message).toContain('signal SIGKILL');
  expect(deaths).toEqual(['signal SIGKILL', 'signal SIGKILL']);
});

test('a question outlives the worker that it was asked', async () => {
  process.kill(worker(), 'SIGSTOP');
  const question = pool.ask('models', {});
  process.kill(worker(), 'SIGKILL');
  expect(await question).toContainEqual(expect.objectContaining({ id: 'plain' }));
});

test('a cancelled job that does not stop: its worker is replaced, and no other job notices', async () => {
  const stuck = worker();
  const told = deaths.length;
  process.kill(stuck, 'SIGSTOP');
  const controller = new AbortController();
  const cancelled = expect(job({ signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  const fractions: number[] = [];
  const innocent = job({ onProgress: ({ fraction }) => fractions.push(fraction) });
  await waitFor(() => pool.load.running === 2);
  controller.abort();
  await cancelled;
  expect(await innocent).toMatchObject({ model: 'u2netp' });
  expect(worker()).not.toBe(stuck);
  expect(deaths).toHaveLength(told);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
});

test('a job past its deadline ends, even in a worker that no longer listens', async () => {
  await job();
  const stuck = worker();
  process.kill(stuck, 'SIGSTOP');
  await expect(job({ timeoutSeconds: 0.2 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(await job()).toMatchObject({ model: 'u2netp' });
  expect(worker()).not.toBe(stuck);
});

test('cancelling a waiting job leaves the running ones alone', async () => {
  process.kill(worker(), 'SIGSTOP');
  const running = [job(), job()];
  const controller = new AbortController();
  const waiting = job({ signal: controller.signal });
  await waitFor(() => pool.load.waiting === 1);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  process.kill(worker(), 'SIGCONT');
  expect(await Promise.all(running)).toHaveLength(2);
});

test('a full queue says so, with the time to wait', async () => {
  process.kill(worker(), 'SIGSTOP');
  const accepted = Array.from({ length: 6 }, () => job());
  await waitFor(() => pool.load.waiting === 4);
  await expect(job()).rejects.toMatchObject({ code: 'QUEUE_FULL', retryAfter: 5 });
  const question = pool.ask('models', {});
  process.kill(worker(), 'SIGCONT');
  expect(await question).toContainEqual(expect.objectContaining({ id: 'plain' }));
  expect(await Promise.all(accepted)).toHaveLength(6);
});

test('closing cancels what runs and leaves no process', async () => {
  const other = new WorkerPool(config);
  await other.warmUp();
  const pid = workersOf(process.pid).find((each) => each !== worker())!;
  process.kill(pid, 'SIGSTOP');
  const running = job({}, photo, other);
  const outcome = expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  await waitFor(() => other.load.running === 1);
  await other.close();
  await outcome;
  await sleep(50);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

(process.platform === 'linux' ? test : test.skip)(
  'a worker for each card (skipped outside Linux): jobs go to the freest, and those of a lost worker begin anew',
  async () => {
    const two = new WorkerPool(config, {}, { cards: ['0', '1'] });
    try {
      const before = workersOf(process.pid);
      const jobs = Array.from({ length: 4 }, () => job({}, photo, two));
      await waitFor(() => two.load.running === 4);
      const workers = workersOf(process.pid).filter((pid) => !before.includes(pid));
      const cards = workers.map((pid) => /CUDA_VISIBLE_DEVICES=(\d)/.exec(environmentOf(pid))?.[1]);
      expect(cards.sort()).toEqual(['0', '1']);
      process.kill(
        workers.find((pid) => environmentOf(pid).includes('CUDA_VISIBLE_DEVICES=1\0'))!,
        'SIGKILL',
      );
      const outcomes = await Promise.allSettled(jobs);
      expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
    } finally {
      await two.close();
    }
  },
);

function environmentOf(pid: number): string {
  return readFileSync(`/proc/${pid}/environ`, 'utf8');
}
