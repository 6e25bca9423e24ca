import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EngineHome } from './engine';
import { N8n, tail } from './n8n';
import { hasProc, work } from './settings';

const homes: EngineHome[] = [];

/** A VITRINE_HOME of its own, below the run's folder. */
export function newHome(name: string): EngineHome {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const home = new EngineHome(folder);
  homes.push(home);
  return home;
}

/** A test whose failure shows the last lines of what n8n and the engines logged. */
export function scenario(name: string, run: () => Promise<void>): void {
  test(name, () => withLogs(run));
}

/** One that looks into other processes; elsewhere than on Linux it is listed as skipped. */
export const procScenario: typeof scenario = hasProc
  ? scenario
  : (name) => test.skip(`${name} (skipped: needs /proc)`, () => undefined);

/** For beforeAll: a failure there shows the logs as well. */
export async function withLogs<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const logs = [...N8n.running].map(({ logFile }) => logFile);
    for (const home of homes)
      logs.push(...home.files().filter((file) => /\/(app|engine-start)[^/]*\.log$/.test(file)));
    for (const log of logs) process.stderr.write(`--- ${log}\n${tail(log)}\n`);
    throw error;
  }
}

/** For afterAll: ends every n8n and engine that this test file started. */
export async function endAll(): Promise<void> {
  await Promise.all([...N8n.running].map((n8n) => n8n.stop()));
  if (hasProc) await Promise.all(homes.map((home) => home.kill()));
}
