import { Command } from 'commander';
import { type Config, DEVICES, type Device, VitrineError, invalid, loadConfig } from '../contracts';
import {
  type Holding,
  type ModelEntry,
  type Registry,
  downloadSettings,
  entryToFetch,
  findModel,
  firstDevice,
  holding,
  holdings,
  loadRegistry,
  needsAcknowledgement,
  pullModel,
  removeModel,
  summaries,
  verifyModel,
} from '../models';
import { readDotEnv } from './dotenv';
import { DownloadBar, megabytes } from './download-bar';
import { interruptible } from './interrupt';
import { EXIT, printError, printJson, say } from './output';

interface Options {
  json?: boolean;
  acceptLicense?: string;
  device?: string;
}

/** `vitrine models`: what is on the shelf, and what lies on this machine. */
export function modelsCommand(): Command {
  const models = new Command('models').description('The models on the shelf and on this machine');
  const json = ['--json', 'print one JSON object per model, and nothing else on stdout'] as const;
  models
    .command('list')
    .description('List every model: what it is for, its licence, its size, whether it is here')
    .option(...json)
    .action(list);
  models
    .command('pull')
    .description('Download models, or what is missing of them')
    .argument('<id...>', 'model ids; see "vitrine models list"')
    .option('--accept-license <licence>', 'accept the licence of that name; recorded, so once is enough')
    .option(
      '--device <device>',
      `${DEVICES.join('|')}: fetch what this device runs (default: DEVICE, else auto)`,
    )
    .option(...json)
    .action(pull);
  models
    .command('verify')
    .description('Take the hash of every model file anew; a damaged download is deleted')
    .argument('[id...]', 'model ids (default: all that are here)')
    .option(...json)
    .action(verify);
  models
    .command('remove')
    .description('Delete downloaded models')
    .argument('<id...>', 'model ids')
    .option(...json)
    .action(remove);
  models
    .command('path')
    .description('Print the models folder, or where the files of a model lie')
    .argument('[id]', 'model id')
    .option('--json', 'print one JSON object with paths and sizes')
    .action(path);
  return models;
}

async function open(): Promise<{ config: Config; registry: Registry }> {
  readDotEnv();
  const config = loadConfig();
  return { config, registry: await loadRegistry(config.modelsDir, config.halfPrecision) };
}

async function list({ json }: Options): Promise<void> {
  const { registry } = await open();
  const models = summaries(registry);
  if (json) {
    models.forEach(printJson);
    return;
  }
  const locked = registry.models.filter(needsAcknowledgement).map(({ id }) => id);
  const rows = models.map(({ id, license, bytes, available, packaged, description }) => [
    id,
    available ? 'ready' : 'not here',
    packaged ? 'built in' : bytes ? `${Math.max(1, megabytes(bytes))} MB` : 'unknown',
    locked.includes(id) ? `${license} *` : license,
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
  const { path: folder, bytes, models: held } = await holdings(registry);
  say(`${held.length} on this machine, ${megabytes(bytes)} MB in ${folder}`);
  if (locked.length) say('* to be accepted once: vitrine models pull <id> --accept-license <licence>');
}

async function pull(ids: string[], { json, acceptLicense, device: asked }: Options): Promise<void> {
  const { config, registry } = await open();
  const device = asked ?? config.device;
  if (!DEVICES.includes(device as Device)) throw invalid('--device', `one of ${DEVICES.join(', ')}`, device);
  const bar = new DownloadBar();
  await interruptible((signal) =>
    each(registry, ids, json, async (entry) => {
      if (!('files' in entry)) return { model: entry.id, files: [], bytes: 0 };
      const wanted = entryToFetch(registry, entry, firstDevice(entry, device as Device));
      try {
        const files = await pullModel(registry, wanted, {
          settings: downloadSettings(config),
          signal,
          acceptLicense,
          onProgress: ({ model, bytes, total }) => bar.update(model, bytes, total),
        });
        const { bytes } = await holding(registry, entry);
        return { model: entry.id, files, bytes };
      } finally {
        bar.stop();
      }
    }),
  );
}

async function verify(ids: string[], { json }: Options): Promise<void> {
  const { registry } = await open();
  const here = async () => (await holdings(registry)).models.map(({ id }) => id);
  await each(registry, ids.length ? ids : await here(), json, async (entry) => {
    if (!('files' in entry)) return { model: entry.id, verified: 0 };
    return { model: entry.id, verified: await verifyModel(registry, entry) };
  });
}

async function remove(ids: string[], { json }: Options): Promise<void> {
  const { registry } = await open();
  await each(registry, ids, json, async (entry) => ({
    model: entry.id,
    freed: await removeModel(registry, entry),
  }));
}

async function path(id: string | undefined, { json }: Options): Promise<void> {
  const { registry } = await open();
  if (id === undefined) {
    if (json) printJson(await holdings(registry));
    else process.stdout.write(`${registry.modelsDir}\n`);
    return;
  }
  const held: Holding = await holding(registry, findModel(registry, id));
  if (json) printJson(held);
  else for (const { path: file } of held.files) process.stdout.write(`${file}\n`);
  if (!held.files.length && !json) say(`No file of ${id} is here. "vitrine models pull ${id}" fetches it.`);
}

/** One model after the other; one that fails does not keep the next from its turn. */
async function each<Result extends { model: string }>(
  registry: Registry,
  ids: string[],
  json: boolean | undefined,
  work: (entry: ModelEntry) => Promise<Result>,
): Promise<void> {
  const entries = ids.map((id) => findModel(registry, id));
  let failures = 0;
  for (const entry of entries) {
    try {
      const result = await work(entry);
      if (json) printJson(result);
      else say(describe(result));
    } catch (thrown) {
      const error = VitrineError.from(thrown);
      if (error.code === 'INTERNAL') throw thrown;
      failures += 1;
      if (json) printJson({ model: entry.id, error });
      else printError(error, entry.id);
      if (error.code === 'CANCELLED') break;
    }
  }
  if (failures) process.exitCode = failures === entries.length ? EXIT.failed : EXIT.partlyFailed;
}

function describe(result: { model: string; bytes?: number; verified?: number; freed?: number }): string {
  const { model, bytes, verified, freed } = result;
  if (freed !== undefined) return `${model}: removed, ${megabytes(freed)} MB free again`;
  if (verified !== undefined)
    return `${model}: ${verified === 1 ? '1 file is as it' : `${verified} files are as they`} should be`;
  return bytes ? `${model}: ready, ${megabytes(bytes)} MB` : `${model}: built in, nothing to download`;
}
