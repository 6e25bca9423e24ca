import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packVersion } from '../../contracts';

/** How to reach an embedded engine; lies in the home folder, readable by its owner only. */
export interface EngineState {
  url: string;
  token: string;
  pid: number;
  /** Proves that what answers at `url` is this very engine. */
  instance: string;
  version: string;
}

const STATE_FILE = /^engine-(.+)\.json$/;

/** The home folder, made when missing. */
export async function prepareHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
}

/** @returns undefined when there is none, or none that can be read */
export async function readState(home: string, version = packVersion): Promise<EngineState | undefined> {
  try {
    const state = JSON.parse(await readFile(stateFile(home, version), 'utf8')) as Partial<EngineState>;
    const { url, token, pid, instance } = state;
    const complete =
      typeof url === 'string' &&
      typeof token === 'string' &&
      typeof pid === 'number' &&
      typeof instance === 'string';
    return complete && URL.canParse(url) ? { url, token, pid, instance, version } : undefined;
  } catch {
    // Missing or damaged comes to the same: a new engine writes a new one.
    return undefined;
  }
}

/** Written aside and renamed, so that nobody reads half of it. */
export async function writeState(home: string, state: EngineState): Promise<void> {
  const file = stateFile(home, state.version);
  const aside = `${file}.${state.pid}`;
  await writeFile(aside, JSON.stringify(state), { mode: 0o600 });
  await rename(aside, file);
}

/** Removes the state of an engine that ends, unless another one has taken its place. */
export async function removeState(home: string, { instance, version }: EngineState): Promise<void> {
  if ((await readState(home, version))?.instance === instance)
    await rm(stateFile(home, version), { force: true });
}

/** The states of engines of other pack versions. */
export async function otherStates(home: string): Promise<EngineState[]> {
  const names = await readdir(home).catch(() => [] as string[]);
  const versions = names
    .map((name) => STATE_FILE.exec(name)?.[1])
    .filter((version) => version && version !== packVersion);
  const states = await Promise.all(versions.map((version) => readState(home, version)));
  return states.filter((state) => state !== undefined);
}

function stateFile(home: string, version: string): string {
  return join(home, `engine-${version}.json`);
}
