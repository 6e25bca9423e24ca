import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf, isRunning, processesWhere } from './processes';
import { packVersion } from './settings';
import { until } from './wait';

/** What the node's client leaves in VITRINE_HOME for the next process. */
export interface EngineState {
  url: string;
  token: string;
  pid: number;
}

/** The embedded engines that belong to one VITRINE_HOME, seen from outside. */
export class EngineHome {
  constructor(readonly folder: string) {}

  stateFile(version = packVersion): string {
    return join(this.folder, `engine-${version}.json`);
  }

  /** What the state file of a pack version says; there has to be one. */
  state(version = packVersion): EngineState {
    return JSON.parse(readFileSync(this.stateFile(version), 'utf8')) as EngineState;
  }

  /** Engine processes of this home, whoever started them. */
  enginePids(): number[] {
    return processesWhere(
      (line, env) => / serve( |$)/.test(line) && env.includes(`VITRINE_HOME=${this.folder} `),
    );
  }

  /** The inference worker of the running engine. */
  async worker(enginePid: number): Promise<number> {
    return await until('the engine to have a worker', () => childrenOf(enginePid).filter(isRunning)[0]);
  }

  /** Waits until a job's upload has arrived completely in its temp folder. */
  async uploadArrived(bytes: number): Promise<void> {
    await until('a job to be with the engine', () =>
      this.files('temp').some((file) => statSync(file).size >= bytes),
    );
  }

  /** Asks an engine for its version, as the pack's client does. */
  async version({ url, token }: EngineState): Promise<string> {
    const response = await fetch(new URL('/health', url), { headers: { authorization: `Bearer ${token}` } });
    return ((await response.json()) as { version: string }).version;
  }

  /** Every file below a folder of this home. */
  files(below = ''): string[] {
    const folder = join(this.folder, below);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  }

  /** Kills every engine and worker of this home. */
  async kill(): Promise<void> {
    const pids = this.enginePids().flatMap((pid) => [pid, ...childrenOf(pid)]);
    for (const pid of pids) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    await until('the engines to be gone', () => !pids.some(isRunning));
  }
}
