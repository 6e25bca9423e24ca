import { resolve } from 'node:path';
import pino, { type Logger } from 'pino';
import { type Config, redact } from '../../contracts';
import { makeFolder } from '../make-folder';
import { LogConsole, LogFile } from './log-sinks';

export interface EngineLog {
  logger: Logger;
  /** Why lines are being lost; empty while all is well. */
  problems(): string[];
  /** Waits until every line is in its file. */
  close(): Promise<void>;
}

/**
 * Console from INFO (DEBUG=true: everything), `app.log` with everything, `error.log` with errors only. Once begun,
 * logging never fails: what cannot be written is lost, which is said once on stderr.
 * @throws VitrineError when the folder cannot be made or written to
 */
export async function createLogger(config: Config): Promise<EngineLog> {
  const folder = resolve(config.logDir);
  await makeFolder(folder, 'VITRINE_LOG_DIR');
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
  }
  const terminal = new LogConsole(tell);
  const tellOfFile = (problem: string) => tell(`${problem} (VITRINE_LOG_DIR is ${folder})`);
  const [all, errors] = ['app.log', 'error.log'].map((name) => new LogFile(folder, name, tellOfFile));
  const logger = pino(
    {
      level: config.debug ? 'trace' : 'debug',
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: loggedError },
    },
    pino.multistream([
      { level: config.debug ? 'trace' : 'info', stream: terminal },
      { level: 'trace', stream: all },
      { level: 'error', stream: errors },
    ]),
  );
  return {
    logger,
    problems: () => [terminal, all, errors].flatMap(({ problem }) => problem ?? []),
    close: async () => void (await Promise.all([all.close(), errors.close()])),
  };
}

function tell(problem: string): void {
  process.stderr.write(`${problem}\n`);
}

/** Whoever writes to a stream of the process is told by a callback; without a listener the same error ends the process. */
function ignore(): void {}

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
