import { createServer, type Server } from 'node:http';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { mapLimit } from '../../../lib/contracts';
import { entry, modelsFolder, removeFolders } from '../../models/support';
import { type TestEngine, childrenOf, startEngine, waitFor } from '../../support/engine';
import { writeClutter } from '../../support/pictures';
import { tempFolder } from '../../support/temp';
import { type Stock, requests } from './cases';
import { Client } from './client';
import { cutoutPhoto, heicPhoto, largePhoto, photo } from './pictures';
import { holdings, processesNaming } from './processes';

/** Requests of the long run; more of them with VITRINE_TEST_REQUESTS. */
const REQUESTS = Number(process.env.VITRINE_TEST_REQUESTS ?? 1000);
const WARM_UP = 200;
/** Rounds of requests after which it is looked what the engine holds, at the end of the warm-up and of them all. */
const LOOKS = 5;
const ROUND = 20;
const CLIENTS = 16;
const MB = 1024 * 1024;

const onLinux = process.platform === 'linux' ? describe : describe.skip;
const note = process.platform === 'linux' ? '' : ' (skipped outside Linux: it reads /proc)';

const folder = tempFolder();
let files: Server;
let stock: Stock;
let models: string;

beforeAll(async () => {
  files = createServer((request, response) => {
    const index = /^\/photo\/(\d+)$/.exec(request.url!)?.[1];
    if (index) void photo(Number(index), 'jpeg').then(({ bytes }) => response.end(bytes));
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await waitFor(() => files.listening);
  const clutter = readFileSync(await writeClutter(folder));
  stock = {
    large: await largePhoto(),
    cutout: await cutoutPhoto(),
    heic: heicPhoto(),
    clutter: { bytes: clutter, name: 'clutter.jpg', width: 200, height: 160, product: [0, 0, 0] },
    files: `http://127.0.0.1:${(files.address() as AddressInfo).port}`,
  };
  models = modelsFolder([entry('bright'), entry('bright', { id: 'wide' })]);
});
afterAll(() => {
  files.close();
  removeFolders();
});

/** An engine whose queue is shorter than its callers are many, in a folder of its own. */
function start(name: string, env: Record<string, string>): Promise<TestEngine> {
  const home = join(folder, name);
  mkdirSync(home);
  return startEngine(home, {
    VITRINE_ALLOW_HOSTS: '127.0.0.1',
    VITRINE_MODELS_DIR: models,
    VITRINE_MAX_QUEUE: '8',
    VITRINE_OFFLINE: 'true',
    ...env,
  });
}

/** Sends requests `from` to `to`, 16 at a time; a failure names the kind of request. */
async function send(client: Client, from: number, to: number): Promise<void> {
  await mapLimit(requests(to).slice(from), CLIENTS, undefined, async ({ name, run, index }) => {
    try {
      await run(client, index, stock);
    } catch (error) {
      throw new Error(`Request ${index}, ${name}: ${(error as Error).message}`, { cause: error });
    }
  });
}

/** Jobs as the engine counted them, by outcome. */
async function outcomes(engine: TestEngine): Promise<Record<string, number>> {
  const text = await (await fetch(`${engine.url}/metrics`)).text();
  const lines = text.matchAll(/^vitrine_jobs_total\{job="remove",outcome="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, outcome, count]) => [outcome, Number(count)]));
}

/** Nothing of the jobs is left while the engine lives, and nothing of the engine after it. */
async function expectNothingLeft(engine: TestEngine): Promise<void> {
  const health = async () => (await (await fetch(`${engine.url}/health`)).json()).queue;
  await waitFor(async () => {
    const { running, waiting } = await health();
    return running + waiting === 0;
  });
  await waitFor(() => engine.tempFiles().length === 0);
  expect(readdirSync(join(engine.folder, 'output'))).toEqual([]);
  const children = childrenOf(engine.process.pid!);
  expect(children).toEqual([engine.workerPid()]);
  // The child that decodes SVG and HEIF is kept for the next one, for a while.
  await waitFor(() => childrenOf(children[0]).length === 0);
  await engine.stop();
  expect(engine.process.exitCode).toBe(0);
  expect(() => process.kill(children[0], 0)).toThrow('ESRCH');
  expect(processesNaming(engine.folder)).toEqual([]);
  expect(readdirSync(join(engine.folder, 'tmp'))).toEqual([]);
  expect(readFileSync(join(engine.folder, 'logs', 'error.log'), 'utf8')).toBe('');
}

onLinux(`${CLIENTS} clients at once${note}`, () => {
  test(
    `${REQUESTS} mixed requests: each answered as it should be, memory flat, nothing left behind`,
    async () => {
      const engine = await start('long', {});
      try {
        const client = new Client(engine.url);
        // The embedded network's memory is taken at its first run. Only callers who hang up ask for it, most too early.
        const { model, artifacts } = await client.result({ photo: stock.large });
        expect(model).toBe('u2netp');
        await client.collect(artifacts.output);
        await send(client, 0, WARM_UP - LOOKS * ROUND);
        const pids = [engine.process.pid!, engine.workerPid()];
        const lookUntil = (to: number) => {
          const from = to - LOOKS * ROUND;
          return holdings(pids, LOOKS, (round) =>
            send(client, from + round * ROUND, from + (round + 1) * ROUND),
          );
        };
        const warm = await lookUntil(WARM_UP);
        await send(client, WARM_UP, REQUESTS - LOOKS * ROUND);
        const end = await lookUntil(REQUESTS);
        expect(engine.workerPid()).toBe(pids[1]);
        expect((end.residentBytes - warm.residentBytes) / MB).toBeLessThan(50);
        expect(end.files - warm.files).toBeLessThan(8);

        const { ok, QUEUE_FULL, INTERNAL, RATE_LIMITED } = await outcomes(engine);
        expect([INTERNAL, RATE_LIMITED]).toEqual([undefined, undefined]);
        // Callers who left did not see that they had been refused.
        expect(QUEUE_FULL).toBeGreaterThanOrEqual(client.later.QUEUE_FULL);
        expect(QUEUE_FULL).toBeLessThanOrEqual(client.later.QUEUE_FULL + client.left);
        expect(QUEUE_FULL).toBeGreaterThan(0);
        expect(ok).toBe(client.done);
        await expectNothingLeft(engine);
      } finally {
        await engine.stop();
      }
    },
    Math.max(300, REQUESTS) * 1000,
  );

  test('more than the engine takes in a minute: it says when, and then everything is done', async () => {
    const engine = await start('limited', { BG_REQS_PER_MIN: '90' });
    try {
      const client = new Client(engine.url);
      await send(client, 0, 120);
      expect(client.later.RATE_LIMITED).toBeGreaterThan(0);
      await expectNothingLeft(engine);
    } finally {
      await engine.stop();
    }
  }, 300_000);
});
