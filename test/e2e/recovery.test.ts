import { cloneUserFolder, N8n } from './support/n8n';
import { boxPhoto, formOf } from './support/photos';
import { childrenOf, isRunning } from './support/processes';
import { endAll, newHome, procScenario, withLogs } from './support/scenario';
import { until } from './support/wait';
import { webhookPath } from './support/workflows';

/** One execution with two photos, one after the other; the first loses what works on it. */
const home = newHome('recovery');
let n8n: N8n;

interface ItemJson {
  error?: string;
  details?: { code: string; hint: string };
  model?: string;
}

beforeAll(() =>
  withLogs(async () => {
    n8n = await N8n.start({ folder: cloneUserFolder('recovering'), home: home.folder });
    expect(await cutOutBoth(await boxPhoto(300, 200))).toEqual([
      expect.objectContaining({ model: 'plain' }),
      expect.objectContaining({ model: 'plain' }),
    ]);
  }),
);
afterAll(endAll);

async function cutOutBoth(first: Buffer): Promise<ItemJson[]> {
  const second = await boxPhoto(320, 240);
  const response = await n8n.webhook(webhookPath('twoItems'), () => formOf({ first, second }));
  if (response.status !== 200)
    throw new Error(`The webhook answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as ItemJson[];
}

/** A stopped worker cannot finish the job before it or its engine is killed. */
async function loseMidJob(strike: (engine: number, worker: number) => Promise<void>): Promise<ItemJson[]> {
  const { pid: engine } = home.state();
  const worker = await home.worker(engine);
  const photo = await boxPhoto(2400, 1800);
  process.kill(worker, 'SIGSTOP');
  const items = cutOutBoth(photo);
  await home.uploadArrived(photo.length);
  await strike(engine, worker);
  return await items;
}

procScenario('a killed worker costs its item only', async () => {
  const before = home.state();

  const [first, second] = await loseMidJob(async (_, worker) => void process.kill(worker, 'SIGKILL'));

  expect(first.details?.code).toBe('WORKER_DIED');
  expect(first.error).toMatch(/process that worked on this picture ended/);
  expect(second).toMatchObject({ model: 'plain' });
  expect(home.state()).toEqual(before);
  expect(isRunning(before.pid)).toBe(true);
});

procScenario('a killed engine costs its item only, and leaves no process behind', async () => {
  const before = home.state();
  const workers = childrenOf(before.pid);

  const [first, second] = await loseMidJob(async (engine, worker) => {
    process.kill(engine, 'SIGKILL');
    process.kill(worker, 'SIGCONT');
  });

  expect(first.details?.code).toBe('ENGINE_LOST');
  expect(first.error).toMatch(/engine at \S+ went away/);
  expect(second).toMatchObject({ model: 'plain' });
  const { pid } = home.state();
  expect(pid).not.toBe(before.pid);
  expect(home.enginePids()).toEqual([pid]);
  await until('the orphaned worker to end', () => !workers.some(isRunning));
});
