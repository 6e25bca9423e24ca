import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtFile, loadConfig } from '../../contracts';
import { isAlive } from './alive';
import { engineEnvironment } from './environment';
import { explainStart, startFailed } from './errors';
import { withStartLock } from './lock';
import { type EngineState, forgetState, prepareHome, readState } from './state';

/** Seconds until a started engine must answer; a cold disk and a busy machine included. */
const START_SECONDS = 60;
const POLL_MS = 50;

/**
 * This host's engine: the running one, or a new one. All processes of a user share it, whoever starts it.
 * @param onNotice told before the first wait
 * @throws VitrineError ENGINE_START_FAILED with what is wrong with the home folder, or the end of the engine's output
 */
export async function embeddedEngine(
  onNotice?: (message: string) => void,
  signal?: AbortSignal,
): Promise<EngineState> {
  const home = loadConfig().homeDir;
  const running = await runningEngine(home);
  if (running) return running;

  onNotice?.('Starting the Vitrine engine on this machine');
  try {
    await prepareHome(home);
    return await withStartLock(
      home,
      START_SECONDS,
      signal,
      async () => (await runningEngine(home)) ?? (await start(home, signal)),
    );
  } catch (error) {
    throw explainStart(error);
  }
}

/** The engine that the state file names, if it is alive and the one that wrote it. Starts nothing. */
export async function runningEngine(home: string): Promise<EngineState | undefined> {
  const state = await readState(home);
  return state && (await isAlive(state)) ? state : undefined;
}

async function start(home: string, signal?: AbortSignal): Promise<EngineState> {
  await forgetState(home);
  const logFile = join(home, 'engine-start.log');
  const log = await open(logFile, 'w', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [builtFile('lib/cli/main.js'), 'serve', '--embedded'], {
      cwd: home,
      detached: true,
      env: engineEnvironment(process.env),
      stdio: ['ignore', log.fd, log.fd],
    });
  } finally {
    await log.close();
  }
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once(
    'exit',
    (code, killedBy) => (failure = killedBy ? `it was ended by ${killedBy}` : `it ended with code ${code}`),
  );
  child.unref();
  // The engine and its workers give way to n8n, so that the editor answers while pictures are cut.
  if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);

  for (let waited = 0; waited < START_SECONDS * 1000; waited += POLL_MS) {
    await sleep(POLL_MS, undefined, { signal });
    // The one of another process, where this one slept and lost its lock.
    const running = await runningEngine(home);
    if (running) return running;
    if (failure) throw startFailed(`${failure}. Its last words: ${await lastWords(logFile)}`);
  }
  child.kill('SIGKILL');
  throw startFailed(
    `it did not answer within ${START_SECONDS} s. Its last words: ${await lastWords(logFile)}`,
  );
}

async function lastWords(logFile: string): Promise<string> {
  const text = (await readFile(logFile, 'utf8')).trim();
  return text ? text.slice(-1500) : 'none';
}
