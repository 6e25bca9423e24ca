import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openAsBlob, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtFile } from '../../lib/contracts';
import { filesBelow } from './files-below';

export interface TestEngine {
  url: string;
  process: ChildProcess;
  folder: string;
  /** Process id of its inference worker. */
  workerPid(): number;
  /** What is left in the temp folder of its jobs. */
  tempFiles(): string[];
  log(): string;
  stop(): Promise<void>;
}

/** Starts the built engine as a user would, on a free port or on `port`, with everything it writes below `folder`. */
export async function startEngine(
  folder: string,
  env: Record<string, string> = {},
  port = 0,
): Promise<TestEngine> {
  const tempDir = join(folder, 'tmp');
  mkdirSync(tempDir, { recursive: true });
  const child = spawn(process.execPath, [builtFile('lib/cli/main.js'), 'serve', '--port', String(port)], {
    cwd: folder,
    env: {
      ...process.env,
      BG_REQS_PER_MIN: '0',
      VITRINE_HOME: join(folder, 'home'),
      VITRINE_TEMP_DIR: tempDir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const url = await waitFor(() => {
    if (child.exitCode !== null) throw new Error(`The engine ended with ${child.exitCode}: ${output}`);
    return /listening on (http:[^;"\s]+)/.exec(output)?.[1];
  });
  return {
    url,
    process: child,
    folder,
    workerPid: () => workersOf(child.pid!)[0],
    tempFiles: () => filesBelow(tempDir).filter((name) => name.includes('job-')),
    log: () => output,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Direct child processes of a process (Linux). */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** The worker processes among the children of a process, oldest first (Linux). */
export function workersOf(pid: number): number[] {
  return childrenOf(pid).filter((child) =>
    readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('worker-main'),
  );
}

/** Polls until `probe` gives something. */
export async function waitFor<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 30,
): Promise<T> {
  for (let tries = 0; tries < seconds * 20; tries++) {
    const value = await probe();
    if (value) return value;
    await sleep(50);
  }
  throw new Error(`Nothing came of it within ${seconds} s: ${probe}`);
}

/** `curl -F file=@… -F name=value`. */
export async function post(
  url: string,
  file: string | undefined,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file) form.append('file', await openAsBlob(file), file.split('/').pop());
  return fetch(url, { method: 'POST', body: form, headers, signal });
}
