import { Command } from 'commander';
import { loadConfig } from '../contracts';
import { WorkerPool } from '../engine';
import { printJson, say } from './output';

/** `vitrine models`: what is on the shelf. */
export function modelsCommand(): Command {
  const models = new Command('models').description('The models that cutouts can be made with');
  models
    .command('list')
    .description('List every model: what it is for, its licence, its size, whether it is here')
    .option('--json', 'print one JSON object per model')
    .action(list);
  return models;
}

async function list({ json }: { json?: boolean }): Promise<void> {
  const pool = new WorkerPool(loadConfig(), { onDefect: say });
  const models = await pool.run('models', {}).finally(() => pool.close());
  if (json) {
    models.forEach(printJson);
    return;
  }
  const rows = models.map(({ id, license, bytes, available, description }) => [
    id,
    available ? 'ready' : 'not here',
    bytes ? `${Math.round(bytes / 1e6)} MB` : 'built in',
    license,
    description,
  ]);
  const table = [['MODEL', 'STATE', 'SIZE', 'LICENCE', 'ABOUT'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}
