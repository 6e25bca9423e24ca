import type { Logger } from 'pino';
import { type Config, VitrineError, isLoopback } from '../../contracts';
import { createApp } from './app';
import { Engine } from './engine';
import { createLogger } from './logger';

export interface RunningEngine {
  /** Where it listens, e.g. `http://127.0.0.1:8089`. */
  url: string;
  instance: string;
  log: Logger;
  /** Milliseconds since the last job ended; 0 while there is work. */
  idleMs(): number;
  /** Takes no new work from now on; settles when what it took is done and fetched. */
  leave(): Promise<void>;
  /** Takes no more requests, gives the running ones seconds to end, removes its temp files. */
  close(): Promise<void>;
}

/**
 * Starts an engine in this process.
 * @param onRetire called when a newer engine asks this one to end
 * @param options.embedded it was given a token at random, and shows that it knows it
 * @throws VitrineError FORBIDDEN for a public address without a token, INVALID_PARAMETER for a taken port, FILE_ERROR or DISK_FULL for a
 *   folder that it cannot use
 */
export async function serve(
  config: Config,
  onRetire: () => void,
  { embedded = false } = {},
): Promise<RunningEngine> {
  if (!config.token && !isLoopback(config.host)) throw openToAll(config.host);
  const log = await createLogger(config);
  const engine = new Engine(config, log.logger, log.problems, embedded);
  const end = async () => {
    await engine.dispose();
    await log.close();
  };
  const open = async () => {
    // First, since its worker loads while the routes are made.
    await engine.prepare();
    const app = await createApp(engine, onRetire);
    const { host, port } = config;
    await app.listen({ host, port }).catch((error: unknown) => Promise.reject(explain(error, config)));
    return app;
  };
  const app = await open().catch(async (error: unknown) => {
    await end();
    throw error;
  });
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : config.port;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const url = `http://${host}:${port}`;
  engine.log.info(`Vitrine is listening on ${url}; its API is described at ${url}/docs`);
  return {
    url,
    instance: engine.instance,
    log: engine.log,
    idleMs: () => engine.idleMs,
    leave: () => engine.leave(),
    close: async () => {
      await app.close();
      await end();
    },
  };
}

function openToAll(host: string): VitrineError {
  return new VitrineError({
    code: 'FORBIDDEN',
    message: `HOST ${host} would let the whole network use this engine without a token`,
    hint: 'Set VITRINE_TOKEN to a long random text, or HOST to 127.0.0.1.',
  });
}

function explain(error: unknown, { host, port }: Config): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const reason = {
    EADDRINUSE: 'is in use',
    EACCES: 'may not be opened by this user',
    EADDRNOTAVAIL: 'is not an address of this machine',
  }[code ?? ''];
  if (!reason) return error;
  return new VitrineError({
    code: 'INVALID_PARAMETER',
    message: `${host}:${port} ${reason}`,
    hint: 'Choose another PORT or HOST (port 0 takes any free one), or end the other program.',
  });
}
