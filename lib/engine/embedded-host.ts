import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Config, packVersion } from '../contracts';
import { otherStates, prepareHome, removeState, retireEngine, writeState } from './client/host';
import { type RunningEngine, serve } from './server';

/**
 * Runs the engine that n8n processes of this host share: on loopback, with a token of its own in the state
 * file, and only as long as there is work. Older engines are asked to end.
 */
export async function serveEmbedded(config: Config, onEnd: () => void): Promise<RunningEngine> {
  const { homeDir } = config;
  await prepareHome(homeDir);
  const token = randomBytes(32).toString('base64url');
  const engine = await serve(
    {
      ...config,
      token,
      baseUrl: undefined,
      requestsPerMinute: 0,
      outputDir: join(homeDir, `output-${packVersion}`),
      logDir: join(homeDir, 'logs'),
    },
    onEnd,
  );
  const state = { url: engine.url, token, pid: process.pid, instance: engine.instance, version: packVersion };
  await writeState(homeDir, state);
  for (const other of await otherStates(homeDir)) {
    if (!isOlder(other.version, packVersion)) continue;
    await retireEngine(other).catch((error: unknown) =>
      engine.log.warn(
        { err: error, version: other.version },
        'An older engine did not listen; it ends when it is idle',
      ),
    );
  }
  const idleCheck = setInterval(() => {
    if (engine.idleMs() >= config.idleSeconds * 1000) onEnd();
  }, 1000);
  return {
    ...engine,
    close: async () => {
      clearInterval(idleCheck);
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
