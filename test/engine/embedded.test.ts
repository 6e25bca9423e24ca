import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtFile, packVersion } from '../../lib/contracts';
import { engineClient } from '../../lib/engine/client';
import { readState } from '../../lib/engine/client/state';
import { childrenOf, startEngine, waitFor } from '../support/engine';
import { writePackshot } from '../support/pictures';
import { answer, startReceiver } from '../support/receiver';
import { tempFolder } from '../support/temp';
import { listen } from '../support/web';

const folder = tempFolder();
const home = join(folder, 'home');
const stateFile = join(home, `engine-${packVersion}.json`);
const before = { ...process.env };
let photo: string;

beforeAll(async () => {
  mkdirSync(join(folder, 'tmp'));
  Object.assign(process.env, {
    VITRINE_HOME: home,
    VITRINE_TEMP_DIR: join(folder, 'tmp'),
    N8N_ENCRYPTION_KEY: 'n8n-secret',
  });
  photo = await writePackshot(folder);
});
afterEach(endEngine);
afterAll(() => {
  process.env = before;
});

const state = () =>
  JSON.parse(readFileSync(stateFile, 'utf8')) as {
    url: string;
    token: string;
    pid: number;
    instance: string;
  };
function run() {
  const source = { open: () => createReadStream(photo), fileName: 'photo.jpg', mimeType: 'image/jpeg' };
  return engineClient().run('remove', { files: { file: source }, params: {} });
}

async function cut() {
  const job = await run();
  await job.discard();
  return job;
}

async function endEngine(): Promise<void> {
  if (!existsSync(stateFile)) return;
  const { pid } = state();
  if (pid !== process.pid && isAlive(pid)) process.kill(pid, 'SIGTERM');
  await waitFor(() => !isAlive(pid) || pid === process.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Another n8n process, as far as the engine is concerned. */
function otherProcess(): ChildProcess {
  const script = `
    const { engineClient } = require(${JSON.stringify(builtFile('lib/engine/client/index.js'))});
    const { createReadStream } = require('node:fs');
    const file = { open: () => createReadStream(${JSON.stringify(photo)}), fileName: 'a.jpg', mimeType: 'image/jpeg' };
    engineClient()
      .run('remove', { files: { file }, params: {} })
      .then((job) => job.discard(), (error) => { console.error(error); process.exit(1); });`;
  return spawn(process.execPath, ['-e', script], { env: process.env, stdio: ['ignore', 'pipe', 'inherit'] });
}

test('looking at models and health starts nothing', async () => {
  expect(await engineClient().models()).toContainEqual(expect.objectContaining({ id: 'plain' }));
  await expect(engineClient().health()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  expect(existsSync(stateFile)).toBe(false);
});

test('the first job starts an engine, the second finds it', async () => {
  const job = await cut();
  expect(job.result.model).toBe('u2netp');
  const first = state();
  await cut();
  expect(state()).toEqual(first);
  expect(statSync(home).mode & 0o777).toBe(0o700);
  expect(statSync(stateFile).mode & 0o777).toBe(0o600);
  expect((await fetch(`${first.url}/models`)).status).toBe(401);
  expect(readFileSync(`/proc/${first.pid}/environ`, 'utf8')).not.toContain('n8n-secret');
  expect(readFileSync(`/proc/${childrenOf(first.pid)[0]}/environ`, 'utf8')).not.toContain('n8n-secret');
  for (const name of readdirSync(join(home, 'logs'))) {
    expect(readFileSync(join(home, 'logs', name), 'utf8')).not.toContain(first.token);
  }
});

test('processes that start at once share one engine', async () => {
  const others = [otherProcess(), otherProcess(), otherProcess()];
  const codes = await Promise.all(
    others.map((other) => new Promise((resolve) => other.once('exit', resolve))),
  );
  expect(codes).toEqual([0, 0, 0]);
  const { url, token } = state();
  const metrics = await (
    await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${token}` } })
  ).text();
  expect(metrics).toContain('vitrine_jobs_total{job="remove",outcome="ok"} 3');
});

test('a killed engine is replaced for the next job', async () => {
  await cut();
  const { pid } = state();
  process.kill(pid, 'SIGKILL');
  await waitFor(() => !isAlive(pid));
  expect((await cut()).result.model).toBe('u2netp');
  expect(state().pid).not.toBe(pid);
});

test.each([
  ['half written', '{"url": "http://127.0'],
  [
    'of a dead process',
    JSON.stringify({ url: 'http://127.0.0.1:9', token: 't', pid: 999999999, instance: 'x' }),
  ],
  ['with a nonsense address', JSON.stringify({ url: 'nowhere', token: 't', pid: 1, instance: 'x' })],
])('a state file %s', async (_, text) => {
  writeFileSync(stateFile, text);
  expect((await cut()).result.model).toBe('u2netp');
});

/** Whoever listens at an address of this machine; says that it is the engine of the state file. */
async function impostor(listener?: RequestListener): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const url = await listen((request, response) => {
    seen.push(`${request.method} ${request.url!.split('?')[0]} ${request.headers.authorization}`);
    if (listener) return listener(request, response);
    response.end(JSON.stringify({ status: 'ok', service: 'vitrine', instance: 'x', proof: 'x' }));
  });
  return { url, seen };
}

function writeState(change: object): void {
  const named = { url: 'http://127.0.0.1:9', token: 'secret', pid: process.pid, instance: 'x', ...change };
  writeFileSync(stateFile, JSON.stringify(named), { mode: 0o600 });
}

describe('who answers where the state file leads must show that it knows the token', () => {
  test('an impostor gets no token and no picture, even if it says who the engine was', async () => {
    const { url, seen } = await impostor();
    writeState({ url });
    expect((await cut()).result.model).toBe('u2netp');
    expect(new Set(seen)).toEqual(new Set(['GET /health undefined']));
  });

  test('nor does one that passes the question on to the engine', async () => {
    await cut();
    const real = state();
    const { url, seen } = await impostor(async (request, response) => {
      response.end(await (await fetch(real.url + request.url)).text());
    });
    const question = `${'a'.repeat(30)}`;
    const relayed = await (await fetch(`${url}/health?challenge=${question}`)).json();
    expect(relayed).toMatchObject({ instance: real.instance, proof: expect.any(String) });
    writeState({ ...real, url });
    await expect(engineClient().health()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    expect(new Set(seen)).toEqual(new Set(['GET /health undefined']));
  });

  test('a state file that leads to another machine, or that others may have written, is not believed', async () => {
    await cut();
    const real = state();
    const found = async () =>
      (
        await engineClient()
          .health()
          .catch(() => undefined)
      )?.instance;
    expect(await found()).toBe(real.instance);
    for (const url of [
      'http://203.0.113.5:8089',
      'http://localhost.:80',
      'https://127.0.0.1:1',
      'file:///x',
    ]) {
      writeState({ ...real, url });
      expect(await readState(home)).toBeUndefined();
    }
    writeState(real);
    chmodSync(stateFile, 0o666);
    expect(await found()).toBeUndefined();
    chmodSync(stateFile, 0o600);
    chmodSync(home, 0o770);
    expect(await found()).toBeUndefined();
    chmodSync(home, 0o700);
    expect(await found()).toBe(real.instance);
    if (process.getuid!() !== 0) return;
    chownSync(stateFile, 65_534, 0);
    expect(await found()).toBeUndefined();
    chownSync(stateFile, 0, 0);
  });

  test('only an embedded engine answers questions: its token cannot be guessed', async () => {
    const asked = await startEngine(join(folder, 'asked'), {
      VITRINE_TOKEN: 'one-that-a-person-made-up',
    });
    const health = await (await fetch(`${asked.url}/health?challenge=${'a'.repeat(30)}`)).json();
    await asked.stop();
    expect(health).not.toHaveProperty('proof');
  });
});

test('an engine of an older pack is asked to end; a newer one is left alone', async () => {
  await cut();
  const old = state();
  const oldFile = join(home, 'engine-0.0.1.json');
  writeFileSync(oldFile, JSON.stringify(old));
  const newer = await impostor();
  writeFileSync(
    join(home, 'engine-99.0.0.json'),
    JSON.stringify({ url: newer.url, token: 't', pid: 1, instance: 'x' }),
  );
  writeFileSync(stateFile, '{}');
  expect((await cut()).result.model).toBe('u2netp');
  await waitFor(() => !isAlive(old.pid));
  expect(newer.seen).toEqual([]);
});

test('an engine that was asked to end finishes what it has, and the next job starts another', async () => {
  await cut();
  const old = state();
  const [worker] = childrenOf(old.pid);
  process.kill(worker, 'SIGSTOP');
  const inHand = run();
  const headers = { Authorization: `Bearer ${old.token}` };
  await waitFor(async () => (await (await fetch(`${old.url}/health`)).json()).queue.running === 1);
  expect((await fetch(`${old.url}/retire`, { method: 'POST', headers })).status).toBe(200);
  expect((await cut()).result.width).toBe(320);
  expect(state().pid).not.toBe(old.pid);
  // Longer than an engine waits that is told to end at once.
  await sleep(8_000);
  process.kill(worker, 'SIGCONT');
  const job = await inHand;
  for await (const chunk of await job.download('output')) expect(chunk.length).toBeGreaterThan(0);
  await job.discard();
  await waitFor(() => !isAlive(old.pid));
  expect((await cut()).result.width).toBe(320);
});

test('an idle engine ends by itself and leaves only its logs', async () => {
  process.env.VITRINE_ENGINE_IDLE_SECONDS = '1';
  await cut();
  const { pid } = state();
  await waitFor(() => !isAlive(pid));
  delete process.env.VITRINE_ENGINE_IDLE_SECONDS;
  expect(existsSync(stateFile)).toBe(false);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  expect(readdirSync(join(home, `output-${packVersion}`))).toEqual([]);
});

test('it does not end while a callback is owed, and reads files where n8n may', async () => {
  const receiver = await startReceiver();
  receiver.script = [answer(503, { 'retry-after': '3' }), answer(200)];
  const settings = {
    VITRINE_ENGINE_IDLE_SECONDS: '1',
    VITRINE_ALLOW_HOSTS: '127.0.0.1',
    N8N_RESTRICT_FILE_ACCESS_TO: folder,
  };
  Object.assign(process.env, settings);
  await cut();
  const { url, token, pid } = state();
  const response = await fetch(`${url}/api/background/replace`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ inputPath: photo, model: 'plain', callbackUrl: receiver.url }),
  });
  const { jobId } = await response.json();
  await waitFor(() => receiver.received.length === 2);
  expect(receiver.received.map(({ json }) => [json.event, json.jobId])).toEqual(
    Array(2).fill(['background.job.succeeded', jobId]),
  );
  await waitFor(() => !isAlive(pid));
  for (const name of Object.keys(settings)) delete process.env[name];
});

test('an engine that cannot start says why', async () => {
  process.env.VITRINE_TEMP_DIR = join(photo, 'tmp');
  await expect(cut()).rejects.toMatchObject({
    code: 'ENGINE_START_FAILED',
    message: expect.stringMatching(/VITRINE_TEMP_DIR leads to no folder.*ENOTDIR/s),
  });
});
