import { dirname, join } from 'node:path';
import { Command } from 'commander';
import {
  DECONTAMINATIONS,
  DEVICES,
  IF_UNSURE,
  OUTPUT_FORMATS,
  type OptionsOf,
  type Progress,
  REMOVE_MODES,
  type RemoveParams,
  type RemoveResult,
  loadConfig,
  parametersOf,
  parse,
  removeParams,
} from '../contracts';
import { runBatch } from './batch';
import { tellDownload } from './download-bar';
import { listInputs } from './inputs';
import { ON_EXISTING_HELP, type OnExisting, Outputs, makeOutputFolder, readOnExisting } from './outputs';
import { type Item, leaveOutResults, pictureFormat, planOutputs, stem, withExtension } from './plan';
import { claimPreview, writePreview } from './preview';
import { ResultNotes } from './result-notes';
import { withWorkers } from './workers';

type Artifacts = RemoveResult['artifacts'];
type Written = RemoveResult & { input: string };

interface Skipped {
  input: string;
  skipped: true;
  artifacts: Artifacts;
}

interface Options extends OptionsOf<typeof removeParams> {
  out: string;
  json?: boolean;
  preview?: string;
  onExisting?: string;
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
    .option(
      '--if-unsure <what>',
      `${IF_UNSURE.join('|')} a cutout that a person should look at (default: use)`,
    )
    .option('--crop', 'crop to the product')
    .option('--padding <percent>', "space around it, in per cent of the product's longer side (default: 5)")
    .option('--size <px>', 'a square of this size with the product centred')
    .option('--mask', 'write the mask as well, as <stem>.mask.png')
    .option('--keep-metadata', 'keep EXIF, GPS and other metadata')
    .option('--device <device>', `${DEVICES.join('|')} (default: DEVICE, else auto)`)
    .option('--strict-device', 'fail instead of falling back to another device')
    .option('--on-existing <what>', ON_EXISTING_HELP)
    .option('--preview <file>', 'write a contact sheet: each photo beside its result')
    .option('--json', 'print one JSON object per photo on stdout')
    .action(remove);
}

async function remove(photos: string[], options: Options): Promise<void> {
  const onExisting = readOnExisting(options.onExisting);
  const config = loadConfig();
  const params = parse(removeParams, {
    // The terminal changes the product's look only when asked; the API keeps the seed service's default.
    enhance_fg: false,
    ...parametersOf(removeParams, options),
  });
  if (options.preview !== undefined) pictureFormat('--preview', options.preview);
  const inputs = await listInputs(photos);
  const notes = new ResultNotes();
  const files = inputs.many ? await leaveOutResults(inputs.files, options.out, notes) : inputs.files;
  const plan = await planOutputs(files, inputs.many, options.out);
  if (!plan.folder) params.format ??= pictureFormat('--out', options.out);
  await makeOutputFolder(plan.folder ? options.out : dirname(options.out));
  const outputs = await Outputs.of({ files, places: inputs.places, notes, onExisting });
  const preview = options.preview && (await claimPreview(outputs, options.preview));

  const tell = tellDownload();
  await withWorkers(config, async (tools) => {
    const { pool, workspace, signal } = tools;
    const { results, exitCode } = await runBatch<Item, Written | Skipped>({
      items: plan.items,
      name: ({ input }) => input,
      json: Boolean(options.json),
      // One more than the workers hold, so that none waits for the next.
      atOnce: pool.mostAtOnce('remove') + 1,
      signal,
      describe,
      work: (item, onFraction) =>
        workspace.withFolder(async (folder) => {
          const existing = await claim(
            item,
            outputs,
            possibleArtifacts(item, plan.folder, params),
            onExisting,
          );
          if (existing) return { input: item.input, skipped: true, artifacts: existing };
          const onProgress = (event: Progress) => {
            tell(event);
            onFraction(event.fraction);
          };
          const result = await pool.run(
            'remove',
            { file: item.input, params },
            { folder, signal, onProgress },
          );
          const output = plan.folder ? withExtension(item.output, result.format) : item.output;
          return deliver(item.input, outputs, result, artifactsAt(output, params));
        }),
    });
    const written = results.filter((result): result is Written => !('skipped' in result));
    if (preview && written.length) {
      const pairs = written.map(({ input, artifacts }) => ({ before: input, after: artifacts.output }));
      await writePreview(tools, outputs, pairs, {
        target: preview,
        format: pictureFormat('--preview', preview),
      });
    }
    process.exitCode = exitCode;
  });
}

function artifactsAt(output: string, { mask }: RemoveParams): Artifacts {
  return mask ? { output, mask: join(dirname(output), `${stem(output)}.mask.png`) } : { output };
}

/** What may come of a photo: one possibility only, unless the format depends on the photo's own. */
function possibleArtifacts({ output }: Item, inFolder: boolean, params: RemoveParams): Artifacts[] {
  if (!inFolder) return [artifactsAt(output, params)];
  const photosOwn = params.mode === 'soften' || params.mode === 'color';
  const formats = params.format ? [params.format] : photosOwn ? OUTPUT_FORMATS : (['png'] as const);
  return formats.map((format) => artifactsAt(withExtension(output, format), params));
}

/**
 * Claims what a photo is to become, where that is known before the work.
 * @returns what is there already and makes the work needless
 */
async function claim(
  { input }: Item,
  outputs: Outputs,
  possible: Artifacts[],
  onExisting: OnExisting | undefined,
): Promise<Artifacts | undefined> {
  if (possible.length === 1) {
    const open = await outputs.claim(Object.values(possible[0]), input);
    return open.length ? undefined : possible[0];
  }
  if (onExisting !== 'skip') return undefined;
  for (const artifacts of possible) if (await outputs.areThere(Object.values(artifacts))) return artifacts;
  return undefined;
}

async function deliver(
  input: string,
  outputs: Outputs,
  result: RemoveResult,
  artifacts: Artifacts,
): Promise<Written> {
  const made = [{ file: result.artifacts.output, target: artifacts.output }];
  if (result.artifacts.mask && artifacts.mask) {
    made.push({ file: result.artifacts.mask, target: artifacts.mask });
  }
  await outputs.deliver(made, input, [input]);
  return { input, ...result, artifacts };
}

function describe(result: Written | Skipped): string[] {
  const { input, artifacts } = result;
  if ('skipped' in result) return [`${input}: ${artifacts.output} is there already, skipped`];
  const { model, device, warnings, metrics } = result;
  return [
    `${input} -> ${artifacts.output} (${model} on ${device}, ${metrics.elapsed_ms} ms)`,
    ...warnings.map((warning) => `  ${warning}`),
  ];
}
