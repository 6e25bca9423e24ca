import { LANES, TASKS, loadConfig, parse, removeParams } from '../../lib/contracts';
import { WorkerPool, Workspace } from '../../lib/engine';
import { waitFor, workersOf } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { tempFolder } from '../support/temp';

/** Lanes as rows of the table that are not there yet: the pool is given them in place of its own. */
const folder = tempFolder();
const config = { ...loadConfig({ VITRINE_OFFLINE: 'true' }), tempDir: folder, modelsDir: folder, threads: 2 };
const params = parse(removeParams, { model: 'plain' });
const workspace = new Workspace(folder);
let photo: string;
let pool: WorkerPool;

beforeAll(async () => {
  await workspace.prepare();
  photo = await writePackshot(folder);
});
afterEach(() => pool.close());

const cut = () =>
  workspace.withFolder((inner) => pool.run('remove', { file: photo, params }, { folder: inner }));
const workers = () => workersOf(process.pid);

test('an idle lane ends, gives everything back, and begins anew with the next job', async () => {
  const inference = { processes: 'cards', slots: 2, idleSeconds: 1 } as const;
  pool = new WorkerPool(config, {}, { cards: [], lanes: { ...LANES, inference } });
  await cut();
  const [first] = workers();
  // A job keeps it, however long it takes.
  process.kill(first, 'SIGSTOP');
  const slow = cut();
  setTimeout(() => process.kill(first, 'SIGCONT'), 2000);
  await slow;
  expect(workers()).toEqual([first]);
  await waitFor(() => workers().length === 0);
  expect([pool.load, pool.loaded]).toEqual([{ running: 0, waiting: 0 }, []]);
  expect(await cut()).toMatchObject({ model: 'plain' });
  expect(workers()).not.toContain(first);
});

test('a lane of cores has a process for each, and one thread in it', async () => {
  const inference = { processes: 'cores', slots: 1 } as const;
  pool = new WorkerPool(config, {}, { lanes: { ...LANES, inference } });
  expect(pool.mostAtOnce('remove')).toBe(2);
  const jobs = [cut(), cut(), cut()];
  await waitFor(() => pool.load.running === 2 && pool.load.waiting === 1);
  expect(workers()).toHaveLength(2);
  expect(await Promise.all(jobs)).toHaveLength(3);
});

test('a full lane does not hold up another', async () => {
  const lanes = { ...LANES, other: { processes: 'cards', slots: 1 } } as const;
  const tasks = { ...TASKS, prepare: { ...TASKS.prepare, lane: 'other' as 'inference' } };
  pool = new WorkerPool({ ...config, maxQueue: 1 }, {}, { cards: [], lanes, tasks });
  await pool.warmUp();
  const [first] = workers();
  process.kill(first, 'SIGSTOP');
  const jobs = [cut(), cut(), cut()];
  await waitFor(() => pool.load.waiting === 1);
  await expect(cut()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  const prepared = await workspace.withFolder((inner) =>
    pool.run('prepare', { file: photo, maxSide: 100 }, { folder: inner }),
  );
  expect(prepared).toMatchObject({ width: 100, height: 75 });
  process.kill(first, 'SIGCONT');
  expect(await Promise.all(jobs)).toHaveLength(3);
});

test('a paced task has its time for each step, another for all of them', async () => {
  // Large enough that it is at work for longer than its progress takes to get here.
  const large = await writePackshot(folder, 'large.jpg', { width: 3200, height: 2400 });
  const outcome = async (traits: object) => {
    pool = new WorkerPool(
      config,
      {},
      { cards: [], tasks: { ...TASKS, remove: { ...TASKS.remove, ...traits } } },
    );
    await pool.warmUp();
    const [worker] = workers();
    let pauses = 0;
    const onProgress = () => {
      if (++pauses > 2) return;
      process.kill(worker, 'SIGSTOP');
      setTimeout(() => process.kill(worker, 'SIGCONT'), 6000);
    };
    const options = { timeoutSeconds: 10, onProgress };
    const ended = await workspace.withFolder((inner) =>
      pool.run('remove', { file: large, params }, { folder: inner, ...options }).then(
        () => 'done',
        ({ code }: { code: string }) => code,
      ),
    );
    await pool.close();
    expect(pauses).toBeGreaterThanOrEqual(2);
    return ended;
  };
  expect(await outcome({ paced: true })).toBe('done');
  expect(await outcome({})).toBe('DEADLINE_EXCEEDED');
});
