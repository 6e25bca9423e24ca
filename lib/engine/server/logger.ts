import { resolve } from 'node:path';
import pino, { type Logger } from 'pino';
import { createStream } from 'rotating-file-stream';
import { type Config, redact } from '../../contracts';
import { makeFolder } from '../make-folder';

/**
 * Console from INFO (DEBUG=true: everything), `app.log` with everything, `error.log` with errors only;
 * the files rotate at 10 MB and five old ones are kept.
 */
export async function createLogger(config: Config): Promise<Logger> {
  const path = resolve(config.logDir);
  await makeFolder(path, 'VITRINE_LOG_DIR');
  const rotated = (name: string) => createStream(name, { path, size: '10M', maxFiles: 5, mode: 0o600 });
  return pino(
    {
      level: config.debug ? 'trace' : 'debug',
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: loggedError },
    },
    pino.multistream([
      { level: config.debug ? 'trace' : 'info', stream: process.stdout },
      { level: 'trace', stream: rotated('app.log') },
      { level: 'error', stream: rotated('error.log') },
    ]),
  );
}

/** What a log holds of an error: its other fields may be a request with its headers, and so with keys. */
function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { message: redact(String(error)) };
  const { name, message, stack, cause } = error;
  const { code } = error as NodeJS.ErrnoException;
  return {
    ...{ type: name, code, message: redact(message), stack: stack?.split('\n').map(redact).join('\n') },
    ...(cause !== undefined && { cause: loggedError(cause) }),
  };
}
