import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Config, packVersion } from '../../contracts';
import { otherStates, prepareHome, readState, removeState, retireEngine, writeState } from '../client/host';
import { type RunningEngine, serve } from './serve';

/**
 * Runs the engine that n8n processes of this host share: on a free port of loopback, with a token of its own in the
 * state file, and only as long as there is work and the state file names it. Older engines are asked to end.
 * @throws VitrineError what `serve` throws, ENGINE_START_FAILED where others could write to the home folder; errors of
 *   the file system
 */
export async function serveEmbedded(config: Config, onEnd: () => void): Promise<RunningEngine> {
  const { homeDir } = config;
  await prepareHome(homeDir);
  const token = randomBytes(32).toString('base64url');
  const engine = await serve(
    {
      ...config,
      host: '127.0.0.1',
      port: 0,
      token,
      baseUrl: undefined,
      requestsPerMinute: 0,
      outputDir: join(homeDir, `output-${packVersion}`),
      logDir: join(homeDir, 'logs'),
    },
    onEnd,
    { embedded: true },
  );
  const state = { url: engine.url, token, pid: process.pid, instance: engine.instance, version: packVersion };
  try {
    await writeState(homeDir, state);
  } catch (error) {
    await engine.close();
    throw error;
  }
  for (const other of await otherStates(homeDir)) {
    if (!isOlder(other.version, packVersion)) continue;
    await retireEngine(other).catch((error: unknown) =>
      engine.log.warn(
        { err: error, version: other.version },
        'An older engine did not listen; it ends when it is idle',
      ),
    );
  }
  const isReplaced = async () => {
    const named = await readState(homeDir);
    return named !== undefined && named.instance !== engine.instance;
  };
  let leaves = false;
  const check = setInterval(async () => {
    if (engine.idleMs() >= config.idleSeconds * 1000) onEnd();
    if (leaves || !(await isReplaced())) return;
    // Two may have started where a process slept: the one that nobody finds any more goes, when its work is done.
    leaves = true;
    void engine.leave().then(onEnd);
  }, 1000);
  return {
    ...engine,
    close: async () => {
      clearInterval(check);
      await removeState(homeDir, state);
      await engine.close();
    },
  };
}

/** Compares dotted numbers; a pre-release tag does not count. */
function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split('-')[0].split('.').map(Number);
  const [a, b] = [parts(version), parts(than)];
  const index = a.findIndex((part, position) => part !== b[position]);
  return index >= 0 && a[index] < b[index];
}
