import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import {
  BG_ENGINES,
  DEVICES,
  IF_UNSURE,
  OUTPUT_FORMATS,
  type OptionsOf,
  type OutputFormat,
  type Progress,
  type ReplaceArtifact,
  type ReplaceParams,
  type ReplaceResult,
  Secrets,
  VitrineError,
  invalid,
  loadConfig,
  numbered,
  parametersOf,
  parse,
  replaceParams,
} from '../contracts';
import { replace as replaceJob } from '../engine';
import { runBatch } from './batch';
import { tellDownload } from './download-bar';
import { ifThere } from './files';
import { listInputs } from './inputs';
import { say, sayStack } from './output';
import { ON_EXISTING_HELP, Outputs, makeOutputFolder, readOnExisting } from './outputs';
import { type Item, leaveOutResults, pictureFormat, planOutputs, stem, withExtension } from './plan';
import { ResultNotes } from './result-notes';
import { withWorkers } from './workers';

type Paths = Partial<Record<ReplaceArtifact, string>>;
type Written = ReplaceResult & { input: string };

interface Skipped {
  input: string;
  skipped: true;
  artifacts: Paths;
}

interface Options extends OptionsOf<typeof replaceParams> {
  in?: string;
  out: string;
  /** A picture's path, or a colour. */
  backdrop?: string;
  mask?: string;
  maskOut?: string;
  json?: boolean;
  onExisting?: string;
}

/** `vitrine replace`: products of a file, a folder or a glob on other backdrops. */
export function replaceCommand(): Command {
  return new Command('replace')
    .description('Put products on other backdrops')
    .argument('[photos...]', 'files, folders or globs')
    .option('--in <file>', 'the photo, in place of the argument')
    .requiredOption('-o, --out <file|dir>', 'where the results go; a folder for several photos or presets')
    .option('--preset <names>', 'one preset, or several with commas between them, a picture for each')
    .option(
      '--prompt <text>',
      'the scene in words; needs a generator: a model (MODEL_ID), RUNWAY_API_KEY or GEMINI_API_KEY',
    )
    .option('--negative-prompt <text>', 'what the scene shall not show (default: people, text, watermark)')
    .option('--backdrop <file|#hex>', 'a picture, or a colour, behind the product')
    .option('--engine <engine>', `${BG_ENGINES.join('|')} (default: BG_ENGINE, else auto)`)
    .option('--generator-model <id>', 'a model of the generator, such as gen4_image or sdxl-turbo')
    .option('--overrides <json>', 'fields of the preset that are to be different')
    .option('--marketplace <name>', "keep a marketplace's rules for main pictures, such as amazon")
    .option('--width <px>', "of the picture (default: the photo's)")
    .option('--height <px>', "of the picture (default: the photo's)")
    .option('--steps <1-100>', 'of a generator (default: 20)')
    .option('--guidance-scale <1-20>', 'of a generator (default: 7.5)')
    .option('--seed <n>', 'the same one draws the same scene')
    .option('--draw-around', 'let sdxl draw the scene around the product, in place of an empty one')
    .option('--tries <1-8>', 'seeds that --draw-around tries (default: 3)')
    .option('--model <id>', 'model that cuts; see "vitrine models list" (default: auto)')
    .option('--mask <file>', 'where the product is: white, or opaque; no model runs then')
    .option('--mask-out <file>', 'write the mask of the photo as well')
    .option('--exact', 'every opaque pixel of the product stays as it is, which --json proves')
    .option('--keep-position', 'leave the product where it is in its photo')
    .option('--no-enhance-fg', 'leave the local contrast of the product as it is')
    .option('--no-match-colors', "lay nothing of the scene's light on the product")
    .option('--no-feather-edges', 'leave hard edges hard')
    .option(
      '--if-unsure <what>',
      `${IF_UNSURE.join('|')} a cutout that a person should look at (default: use)`,
    )
    .option(
      '--format <format>',
      `${OUTPUT_FORMATS.join('|')} (default: what --out ends with, else the photo's)`,
    )
    .option('--quality <1-100>', 'of webp and jpeg')
    .option('--compare', 'write before and after side by side as well, as <stem>.compare.<ext>')
    .option('--device <device>', `${DEVICES.join('|')} (default: DEVICE, else auto)`)
    .option('--strict-device', 'fail instead of falling back to another device')
    .option('--on-existing <what>', ON_EXISTING_HELP)
    .option('--json', 'print one JSON object per photo on stdout')
    .action(replace);
}

async function replace(photos: string[], options: Options): Promise<void> {
  const onExisting = readOnExisting(options.onExisting);
  const config = loadConfig();
  const { picture, bgcolor } = readBackdrop(options.backdrop);
  const { maskOut, mask, ...others } = options;
  const given = { ...others, mask_out: undefined };
  const params = parse(replaceParams, {
    ...parametersOf(replaceParams, given),
    ...(bgcolor !== undefined && { bgcolor }),
    mask_out: maskOut !== undefined,
  });
  const inputs = await listInputs(photosOf(photos, options));
  if (inputs.many && (mask ?? maskOut) !== undefined) throw oneMask(inputs.files.length);
  for (const file of [mask, picture]) if (file !== undefined) await checkFile(file);
  const notes = new ResultNotes();
  const files = inputs.many ? await leaveOutResults(inputs.files, options.out, notes) : inputs.files;
  const severalPresets = (params.preset?.length ?? 1) > 1;
  const plan = await planOutputs(files, inputs.many || severalPresets, options.out);
  if (!plan.folder) params.format ??= pictureFormat('--out', options.out);
  await makeOutputFolder(plan.folder ? options.out : dirname(options.out));
  const read = [...files, ...(mask ? [mask] : []), ...(picture ? [picture] : [])];
  const outputs = await Outputs.of({ files: read, places: inputs.places, notes, onExisting });

  const tell = tellDownload();
  await withWorkers(config, async ({ pool, workspace, signal }) => {
    const { exitCode } = await runBatch<Item, Written | Skipped>({
      items: plan.items,
      name: ({ input }) => input,
      json: Boolean(options.json),
      // One more than the workers hold, so that none waits for the next.
      atOnce: pool.mostAtOnce('replace') + 1,
      signal,
      describe,
      work: (item, onFraction) =>
        workspace.withFolder(async (folder) => {
          const { input } = item;
          const at = (format: OutputFormat) =>
            pathsOf(item, { folder: plan.folder, format, params, maskOut });
          if (params.format) {
            const paths = at(params.format);
            const open = await outputs.claim(Object.values(paths) as string[], input);
            if (!open.length) return { input, skipped: true, artifacts: paths };
          }
          const tellScenes = tellGenerating(input);
          const onProgress = (event: Progress) => {
            tell(event);
            tellScenes(event);
            onFraction(event.fraction);
          };
          const done = await replaceJob({
            ...{ config, pool, params, folder, signal, onProgress, onDefect: sayStack },
            // Keys are the environment's.
            secrets: new Secrets(),
            files: { file: input, mask, backdrop: picture },
          });
          const result = done.result(done.artifacts);
          const paths = at(result.format);
          const made = Object.entries(result.artifacts).map(([artifact, file]) => ({
            file: file!,
            target: paths[artifact as ReplaceArtifact]!,
          }));
          await outputs.deliver(made, input, [input]);
          return { input, ...result, artifacts: { ...paths, output: paths.output! } };
        }),
    });
    process.exitCode = exitCode;
  });
}

/** Tells what is asked of a generator, and about what it costs, before it is there. */
function tellGenerating(input: string): (event: Progress) => void {
  let told = false;
  return ({ stage, message }) => {
    if (told || stage !== 'generate' || !message) return;
    told = true;
    say(`${input}: ${message}`);
  };
}

/** The photos of the arguments, or the one of `--in`. */
function photosOf(photos: string[], { in: one }: Options): string[] {
  if (one === undefined && photos.length) return photos;
  if (one !== undefined && !photos.length) return [one];
  const received = one === undefined ? undefined : [...photos, one];
  throw invalid(
    'the photos',
    'files, folders or globs, or one file after --in',
    received,
    'Name the photo once.',
  );
}

/** A colour begins with a #; anything else is a picture. */
function readBackdrop(given: string | undefined): { picture?: string; bgcolor?: string } {
  return given?.startsWith('#') ? { bgcolor: given } : { picture: given };
}

async function checkFile(file: string): Promise<void> {
  if ((await ifThere(stat(file)))?.isFile()) return;
  throw new VitrineError({
    code: 'NOT_FOUND',
    message: `${file} is no file`,
    hint: 'Correct the path; a colour for --backdrop begins with a #, in quotes.',
  });
}

/** Where everything goes that is made of a photo. */
function pathsOf(
  { output }: Item,
  {
    folder,
    format,
    params,
    maskOut,
  }: { folder: boolean; format: OutputFormat; params: ReplaceParams; maskOut?: string },
): Paths {
  const presets = params.preset ?? [];
  const paths: Paths = {};
  for (let index = 0; index < Math.max(1, presets.length); index++) {
    const base = presets.length > 1 ? `${output}.${presets[index]}` : output;
    const target = folder ? withExtension(base, format) : output;
    paths[numbered('output', index)] = target;
    if (params.compare) {
      const beside = folder ? `${base}.compare` : join(dirname(output), `${stem(output)}.compare`);
      paths[numbered('compare', index)] = withExtension(beside, format);
    }
  }
  return maskOut === undefined ? paths : { ...paths, mask: maskOut };
}

function oneMask(photos: number): VitrineError {
  return invalid(
    '--mask and --mask-out',
    'left out where there are several photos',
    `${photos} photos`,
    'A mask belongs to one photo: run each on its own.',
  );
}

function describe(result: Written | Skipped): string[] {
  const { input, artifacts } = result;
  if ('skipped' in result)
    return [`${input}: ${Object.values(artifacts).join(', ')} are there already, skipped`];
  const { pictures, model, device, cost, warnings, metrics } = result;
  const made = pictures.map(({ artifact }) => artifacts[artifact]).join(', ');
  return [
    `${input} -> ${made} (${model} on ${device}, ${metrics.elapsed_ms} ms${cost ? `, ${cost.credits} credits` : ''})`,
    ...warnings.map((warning) => `  ${warning}`),
  ];
}
