import { Command } from 'commander';
import { loadConfig } from '../contracts';
import { serve, serveEmbedded } from '../engine/server';
import { readDotEnv } from './dotenv';
import { say } from './output';

interface Options {
  host?: string;
  port?: string;
  embedded?: boolean;
}

/** `vitrine serve`: the engine as an HTTP server. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the engine as an HTTP server; its API is described under /docs')
    .option('--host <address>', 'address to listen on (default: HOST, else 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for any (default: PORT, else 8089)')
    .option(
      '--embedded',
      'be the engine that n8n starts by itself: state file, token of its own, ends when idle',
    )
    .action(run);
}

async function run({ host, port, embedded }: Options): Promise<void> {
  if (!embedded) readDotEnv();
  const config = loadConfig({ ...process.env, ...(host && { HOST: host }), ...(port && { PORT: port }) });
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    // It answers before its start is over, and may be told to end by then.
    started
      .then((engine) => engine.close())
      .then(
        () => process.exit(0),
        (error) => {
          say(`The engine did not end cleanly: ${error instanceof Error ? error.message : error}`);
          process.exit(1);
        },
      );
  };
  const started = embedded ? serveEmbedded(config, end) : serve(config, end);
  await started;
  process.on('SIGINT', end).on('SIGTERM', end);
}
