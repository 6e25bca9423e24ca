import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { cloneUserFolder, N8n } from './support/n8n';
import { boxPhoto, formOf } from './support/photos';
import { isRunning } from './support/processes';
import { endAll, newHome, procScenario, withLogs } from './support/scenario';
import { nodesFolder, packVersion, work } from './support/settings';
import { until } from './support/wait';
import { webhookPath } from './support/workflows';

/** Several n8n processes, one VITRINE_HOME: whatever they find there, they end with one working engine. */
const home = newHome('sharing');
const NEWER = '99.0.0';
let first: N8n;
let second: N8n;

beforeAll(() =>
  withLogs(async () => {
    [first, second] = await Promise.all([
      N8n.start({ folder: cloneUserFolder('sharing-1'), home: home.folder }),
      N8n.start({ folder: cloneUserFolder('sharing-2'), home: home.folder }),
    ]);
  }),
);
afterAll(endAll);

async function cutOut(n8n: N8n): Promise<number> {
  const photo = await boxPhoto(400, 300);
  const response = await n8n.webhook(webhookPath('shipped'), () => formOf({ photo }));
  await response.arrayBuffer();
  return response.status;
}

async function expectOneEngine(): Promise<void> {
  const state = home.state();
  expect(home.enginePids()).toEqual([state.pid]);
  expect(await home.version(state)).toBe(packVersion);
}

procScenario('two n8n processes that start at once share one engine', async () => {
  expect(home.enginePids()).toEqual([]);

  expect(await Promise.all([first, second, first, second].map(cutOut))).toEqual([200, 200, 200, 200]);

  await expectOneEngine();
});

procScenario('a stale state file is replaced', async () => {
  const stale = home.state();
  await home.kill();
  expect(home.state()).toEqual(stale);

  expect(await Promise.all([cutOut(first), cutOut(second)])).toEqual([200, 200]);

  expect(isRunning(stale.pid)).toBe(false);
  await expectOneEngine();
});

procScenario('a foreign process on the recorded port is not taken for the engine', async () => {
  const stale = home.state();
  await home.kill();
  const asked: IncomingMessage[] = [];
  const foreign = createServer((request, response) => {
    asked.push(request);
    response.setHeader('content-type', 'application/json').end('{"status":"ok"}');
  });
  await once(foreign.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  try {
    // Its pid names a process that lives: this one.
    writeFileSync(home.stateFile(), JSON.stringify({ ...stale, url, pid: process.pid }));

    expect(await Promise.all([cutOut(first), cutOut(second)])).toEqual([200, 200]);

    await expectOneEngine();
    expect(home.state().url).not.toBe(url);
    // It was asked who it is, and was given neither the token nor a photo.
    expect(asked.length).toBeGreaterThan(0);
    for (const { method, headers } of asked)
      expect([method, headers.authorization]).toEqual(['GET', undefined]);
  } finally {
    await new Promise((resolve) => foreign.close(resolve));
  }
});

procScenario('a newer pack starts an engine of its own version', async () => {
  expect(await cutOut(first)).toBe(200);
  const older = home.state();
  await second.stop();
  second = await N8n.start({ folder: cloneUserFolder('sharing-newer', newerPack()), home: home.folder });

  expect(await cutOut(second)).toBe(200);

  const newer = home.state(NEWER);
  expect(await home.version(newer)).toBe(NEWER);
  await until('the older engine to retire', () => !isRunning(older.pid));
  expect(home.enginePids()).toEqual([newer.pid]);

  // The n8n that still has the older pack goes on as well.
  expect(await cutOut(first)).toBe(200);
  expect(await home.version(home.state())).toBe(packVersion);
});

/** A nodes folder like the installed one, in which the pack says that it is of a newer version. */
function newerPack(): string {
  const folder = join(work, 'newer-nodes');
  const modules = join(folder, 'node_modules');
  const installed = join(nodesFolder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(installed)) symlinkSync(join(installed, name), join(modules, name));
  const pack = join(modules, 'n8n-nodes-vitrine');
  rmSync(pack);
  cpSync(join(installed, 'n8n-nodes-vitrine'), pack, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(pack, 'package.json'), 'utf8')) as { version: string };
  writeFileSync(join(pack, 'package.json'), JSON.stringify({ ...manifest, version: NEWER }));
  cpSync(join(nodesFolder, 'package.json'), join(folder, 'package.json'));
  return folder;
}
