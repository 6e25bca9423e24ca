import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import {
  DECONTAMINATIONS,
  DEVICES,
  OUTPUT_FORMATS,
  type OptionsOf,
  type OutputFormat,
  type Progress,
  REMOVE_MODES,
  type RemoveResult,
  VitrineError,
  invalid,
  loadConfig,
  parametersOf,
  parse,
  removeParams,
} from '../contracts';
import { moveFile } from '../engine';
import { runBatch } from './batch';
import { tellDownload } from './download-bar';
import {
  type Item,
  formatOf,
  listInputs,
  planOutputs,
  refuseOverwritingInput,
  stem,
  withExtension,
} from './inputs';
import { say } from './output';
import { type JobTools, withWorkers } from './workers';

type Written = RemoveResult & { input: string };

interface Skipped {
  input: string;
  skipped: true;
  artifacts: { output: string };
}

const ON_EXISTING = ['overwrite', 'skip', 'error'] as const;
type OnExisting = (typeof ON_EXISTING)[number];

interface Options extends OptionsOf<typeof removeParams> {
  out: string;
  json?: boolean;
  preview?: string;
  onExisting: string;
}

/** `vitrine remove`: cutouts of a file, a folder or a glob. */
export function removeCommand(): Command {
  return new Command('remove')
    .description('Cut products out of their photos')
    .argument('<photos...>', 'files, folders or globs')
    .requiredOption('-o, --out <file|dir>', 'where the results go')
    .option('--model <id>', 'model; see "vitrine models list" (default: auto)')
    .option('--mode <mode>', `${REMOVE_MODES.join('|')} (default: transparent)`)
    .option('--bgcolor <colour>', 'colour behind the product, for mode color (default: #ffffff)')
    .option('--format <format>', `${OUTPUT_FORMATS.join('|')} (default: what --out ends with, else by mode)`)
    .option('--quality <1-100>', 'of webp and jpeg')
    .option('--enhance-fg', 'raise the local contrast of the product')
    .option('--denoise', 'remove noise from the product')
    .option('--alpha-matting', 'find the soft edge anew from the colours of the photo')
    .option('--alpha-matting-foreground-threshold <0-255>', 'product where the mask is above (default: 240)')
    .option('--alpha-matting-background-threshold <0-255>', 'backdrop where the mask is below (default: 10)')
    .option('--alpha-matting-erode-size <px>', 'what both are shrunk by (default: 10)')
    .option('--decontaminate <method>', `${DECONTAMINATIONS.join('|')} (default: blur-fusion)`)
    .option('--no-decontaminate', 'leave the old backdrop in the edge colours')
    .option('--no-second-pass', 'run a network once only on photos above 2000 pixels')
    .option('--no-clean-mask', "leave haze, specks and pinholes in a network's mask")
    .option('--fill-holes <percent>', "fill holes up to this per cent of the product's area (default: 0)")
    .option('--drop-islands <percent>', 'drop pieces below this per cent of the largest one (default: 0)')
    .option('--smooth <px>', 'take away jags, hairs and slits narrower than about twice this (default: 0)')
    .option('--grow <px>', 'grow the mask by so many pixels, below 0 shrink it (default: 0)')
    .option('--feather <px>', 'extra edge softness in pixels (default: 0)')
    .option('--crop', 'crop to the product')
    .option('--padding <percent>', "space around it, in per cent of the product's longer side (default: 5)")
    .option('--size <px>', 'a square of this size with the product centred')
    .option('--mask', 'write the mask as well, as <stem>.mask.png')
    .option('--keep-metadata', 'keep EXIF, GPS and other metadata')
    .option('--device <device>', `${DEVICES.join('|')} (default: DEVICE, else auto)`)
    .option('--strict-device', 'fail instead of falling back to another device')
    .option('--on-existing <what>', `${ON_EXISTING.join('|')} when a result is there already`, 'overwrite')
    .option('--preview <file>', 'write a contact sheet: each photo beside its result')
    .option('--json', 'print one JSON object per photo on stdout')
    .action(remove);
}

async function remove(photos: string[], options: Options): Promise<void> {
  const onExisting = ON_EXISTING.find((choice) => choice === options.onExisting);
  if (!onExisting) throw invalid('--on-existing', `one of ${ON_EXISTING.join(', ')}`, options.onExisting);
  const config = loadConfig();
  const params = parse(removeParams, {
    device: config.device,
    // The terminal changes the product's look only when asked; the API keeps the seed service's default.
    enhance_fg: false,
    ...parametersOf(removeParams, options),
  });
  if (options.preview !== undefined) pictureFormat('--preview', options.preview);
  const { files, many } = await listInputs(photos);
  const plan = await planOutputs(files, many, options.out);
  if (!plan.folder) params.format ??= pictureFormat('--out', options.out);

  const tell = tellDownload();
  await withWorkers(config, async ({ pool, workspace, signal }) => {
    await mkdir(plan.folder ? options.out : dirname(resolve(options.out)), { recursive: true });
    const claimed = new Map<string, string>();
    const { results, exitCode } = await runBatch<Item, Written | Skipped>({
      items: plan.items,
      name: ({ input }) => input,
      json: Boolean(options.json),
      // One more than the workers hold, so that none waits for the next.
      atOnce: pool.mostAtOnce('remove') + 1,
      describe,
      work: (item, onFraction) =>
        workspace.withFolder(async (folder) => {
          const existing =
            onExisting === 'skip' &&
            (await firstExisting(candidates(item.output, plan.folder, params.format)));
          if (existing) return { input: item.input, skipped: true, artifacts: { output: existing } };
          const onProgress = (event: Progress) => {
            tell(event);
            onFraction(event.fraction);
          };
          const result = await pool.run(
            'remove',
            { file: item.input, params },
            { folder, signal, onProgress },
          );
          const [output] = candidates(item.output, plan.folder, result.format);
          await claim(item.input, output, onExisting, claimed);
          return deliver(item.input, output, result);
        }),
    });
    const written = results.filter((result): result is Written => !('skipped' in result));
    if (options.preview && written.length) await writePreview({ pool, workspace }, written, options.preview);
    process.exitCode = exitCode;
  });
}

function pictureFormat(option: string, path: string): OutputFormat {
  const format = formatOf(path);
  if (!format)
    throw invalid(
      option,
      'a name that ends with .png, .webp or .jpg',
      path,
      'Give the file an ending; a folder for --out ends with a /.',
    );
  return format;
}

/** Where the result may lie; one path only once the format is known. */
function candidates(output: string, inFolder: boolean, format: OutputFormat | undefined): string[] {
  if (!inFolder) return [output];
  return (format ? [format] : OUTPUT_FORMATS).map((one) => withExtension(output, one));
}

/** Makes sure that no result replaces a photo, another result of this run, or what the user wants kept. */
async function claim(
  input: string,
  output: string,
  onExisting: OnExisting,
  claimed: Map<string, string>,
): Promise<void> {
  refuseOverwritingInput(input, output);
  const other = claimed.get(resolve(output));
  if (other)
    throw outputExists(
      `${output} is the result of ${other} already`,
      'Rename one of the photos, or give them other folders.',
    );
  claimed.set(resolve(output), input);
  if (onExisting === 'error' && (await exists(output))) {
    throw outputExists(`${output} is there already`, 'Remove it, or use --on-existing overwrite or skip.');
  }
}

async function deliver(input: string, output: string, result: RemoveResult): Promise<Written> {
  const artifacts: RemoveResult['artifacts'] = { output };
  await moveFile(result.artifacts.output, output);
  if (result.artifacts.mask) {
    artifacts.mask = join(dirname(output), `${stem(output)}.mask.png`);
    await moveFile(result.artifacts.mask, artifacts.mask);
  }
  return { input, ...result, artifacts };
}

async function writePreview(
  { pool, workspace }: Omit<JobTools, 'signal'>,
  written: Written[],
  target: string,
): Promise<void> {
  await mkdir(dirname(resolve(target)), { recursive: true });
  await workspace.withFolder(async (folder) => {
    const pairs = written.map(({ input, artifacts }) => ({ before: input, after: artifacts.output }));
    const sheet = await pool.run(
      'preview',
      { pairs, format: pictureFormat('--preview', target) },
      { folder },
    );
    await moveFile(sheet.file, target);
  });
  say(`Preview: ${target}`);
}

function describe(result: Written | Skipped): string {
  const { input, artifacts } = result;
  if ('skipped' in result) return `${input}: ${artifacts.output} is there already, skipped`;
  const { model, device, warnings, metrics } = result;
  return [
    `${input} -> ${artifacts.output} (${model} on ${device}, ${metrics.elapsed_ms} ms)`,
    ...warnings,
  ].join('\n  ');
}

async function firstExisting(paths: string[]): Promise<string | undefined> {
  for (const path of paths) if (await exists(path)) return path;
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function outputExists(message: string, hint: string): VitrineError {
  return new VitrineError({ code: 'OUTPUT_EXISTS', message, hint });
}
