import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = join(__dirname, '..', '..', '..', 'dist', 'lib', 'cli', 'main.js');

/** A real engine in a process of its own, with a token, for the tests of one file. */
export interface TestEngine {
  url: string;
  token: string;
  /** Names of the files that wait for a download. */
  outputs(): string[];
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

export async function startEngine(env: Record<string, string> = {}): Promise<TestEngine> {
  if (!existsSync(MAIN)) throw new Error('The engine is not built: run npm run build first');
  const home = mkdtempSync(join(tmpdir(), 'vitrine-engine-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const token = 'a-token-for-tests';
  const outputDir = join(home, 'output');
  let log = '';
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      VITRINE_TOKEN: token,
      VITRINE_HOME: home,
      VITRINE_LOG_DIR: join(home, 'logs'),
      OUTPUT_DIR: outputDir,
      BG_REQS_PER_MIN: '0',
      VITRINE_OFFLINE: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (text) => (log += text));
  child.stderr.on('data', (text) => (log += text));
  await answers(url, child, () => log);
  return {
    url,
    token,
    outputs: () => (existsSync(outputDir) ? readdirSync(outputDir) : []),
    metrics: async () =>
      (await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${token}` } })).text(),
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function answers(url: string, child: ChildProcess, log: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The engine ended with ${child.exitCode}:\n${log()}`);
    const response = await fetch(`${url}/health`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(50);
  }
}

/** A port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
