import { constants, type Stats } from 'node:fs';
import { access, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLoopback, packVersion } from '../../contracts';
import { homeFailed } from './errors';

/** How to reach an embedded engine; lies in the home folder, readable by its owner only. */
export interface EngineState {
  url: string;
  token: string;
  pid: number;
  /** Tells this very engine from others that had its address or its file. */
  instance: string;
  version: string;
}

const STATE_FILE = /^engine-(.+)\.json$/;

/**
 * The home folder, made when missing.
 * @throws VitrineError ENGINE_START_FAILED where others could write to it; errors of the file system
 */
export async function prepareHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await access(home, constants.W_OK | constants.X_OK);
  const info = await stat(home);
  if (isOurs(info)) return;
  const mode = (info.mode & 0o7777).toString(8);
  throw homeFailed(
    `the folder ${home} must be this user's and nobody else may write to it, but user id ${info.uid} owns it and its mode is ${mode}`,
    `If it is this user's, run "chmod go-w ${home}".`,
  );
}

/**
 * @returns undefined when there is none, none that can be read, or one that another user may have put there or that
 *   leads away from this machine
 */
export async function readState(home: string, version = packVersion): Promise<EngineState | undefined> {
  try {
    const file = stateFile(home, version);
    if (!isOurs(await stat(home)) || !isOurs(await stat(file))) return undefined;
    const { url, token, pid, instance } = JSON.parse(await readFile(file, 'utf8')) as Partial<EngineState>;
    if (typeof url !== 'string' || !leadsHere(url)) return undefined;
    const complete =
      typeof token === 'string' && token !== '' && typeof pid === 'number' && typeof instance === 'string';
    return complete ? { url, token, pid, instance, version } : undefined;
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

/** Removes the state of an engine that does not answer. */
export async function forgetState(home: string): Promise<void> {
  await rm(stateFile(home, packVersion), { recursive: true, force: true });
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

/** True where no other user can have written (POSIX; elsewhere the home of a user is the user's alone anyway). */
function isOurs({ uid, mode }: Stats): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
}

function leadsHere(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && isLoopback(hostname);
}

function stateFile(home: string, version: string): string {
  return join(home, `engine-${version}.json`);
}
