import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { VitrineError, builtFile, loadConfig, packVersion } from '../../contracts';
import { engineEnvironment } from './environment';
import { askHealth } from './health';
import { type EngineState, prepareHome, readState } from './state';

/** Seconds until a started engine must answer; a cold disk and a busy machine included. */
const START_SECONDS = 60;
const POLL_MS = 50;

/**
 * This host's engine: the running one, or a new one. All processes of a user share it, whoever starts it.
 * @param onNotice told before the first wait
 * @throws VitrineError ENGINE_START_FAILED with the end of the engine's own output
 */
export async function embeddedEngine(
  onNotice?: (message: string) => void,
  signal?: AbortSignal,
): Promise<EngineState> {
  const home = loadConfig().homeDir;
  const running = await runningEngine(home);
  if (running) return running;

  onNotice?.('Starting the Vitrine engine on this machine');
  await prepareHome(home);
  const release = await lock(home, {
    lockfilePath: join(home, `engine-${packVersion}.lock`),
    stale: 15_000,
    update: 5_000,
    retries: { retries: START_SECONDS * 5, minTimeout: 200, maxTimeout: 200, factor: 1 },
  }).catch((error) => {
    throw startFailed(`the lock in ${home} stayed taken`, error);
  });
  try {
    return (await runningEngine(home)) ?? (await start(home, signal));
  } finally {
    await release();
  }
}

/** The engine that the state file names, if it is alive and the one that wrote it. Starts nothing. */
export async function runningEngine(home: string): Promise<EngineState | undefined> {
  const state = await readState(home);
  if (!state) return undefined;
  const health = await askHealth(state.url);
  return health?.instance === state.instance ? state : undefined;
}

async function start(home: string, signal?: AbortSignal): Promise<EngineState> {
  const logFile = join(home, 'engine-start.log');
  const log = await open(logFile, 'w', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(
      process.execPath,
      [builtFile('lib/cli/main.js'), 'serve', '--embedded', '--host', '127.0.0.1', '--port', '0'],
      {
        cwd: home,
        detached: true,
        env: engineEnvironment(process.env),
        stdio: ['ignore', log.fd, log.fd],
      },
    );
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
    const state = await readState(home);
    if (state?.pid === child.pid && (await runningEngine(home))) return state!;
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

function startFailed(reason: string, cause?: unknown): VitrineError {
  return new VitrineError(
    {
      code: 'ENGINE_START_FAILED',
      message: `The Vitrine engine could not be started on this machine: ${reason}`,
      hint: 'Run "npx vitrine doctor" in the folder of the node pack, or use a remote engine through the Vitrine Engine credential. n8n images on Alpine need a remote engine.',
    },
    { cause },
  );
}
