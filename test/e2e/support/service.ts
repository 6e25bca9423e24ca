import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { work } from './settings';
import { sleep, until } from './wait';

export interface ServiceOptions extends Pick<SpawnOptions, 'env' | 'uid' | 'gid'> {
  command: string[];
  isReady(): Promise<boolean>;
  /** Until it is ready; default 90. */
  seconds?: number;
}

/** A server that can be killed and started again as it was. */
export class Service {
  readonly logFile: string;
  private child?: ChildProcess;

  constructor(
    readonly name: string,
    private readonly options: ServiceOptions,
  ) {
    this.logFile = join(work, `${name}.log`);
  }

  /** Resolves once it is ready. */
  async start(): Promise<this> {
    const { command, isReady, seconds = 90, env, uid, gid } = this.options;
    const log = openSync(this.logFile, 'a');
    const [file, ...args] = command;
    const child = spawn(file, args, {
      ...{ cwd: work, detached: true, stdio: ['ignore', log, log] },
      ...{ env, uid, gid },
    });
    this.child = child;
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    await until(
      `${this.name} to be ready`,
      async () => {
        if (failure) throw failure;
        if (child.exitCode !== null) throw new Error(`${this.name} ended with code ${child.exitCode}`);
        return await isReady();
      },
      seconds,
    );
    return this;
  }

  /** Kills it and its children as they stand. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Asks it to end, and waits. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    process.kill(-child.pid, signal);
    const grace = new AbortController();
    const late = sleep(20_000, 'late', { signal: grace.signal }).catch(() => undefined);
    if ((await Promise.race([ended, late])) === 'late') process.kill(-child.pid, 'SIGKILL');
    grace.abort();
    await ended;
  }
}

/** For `isReady` of whoever tells it by HTTP. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}
