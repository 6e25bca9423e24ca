import { join, resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import {
  type AugmentItem,
  type AugmentResult,
  DEVICES,
  JOBS,
  LABELS,
  type LeftOut,
  OUTPUT_FORMATS,
  type OptionsOf,
  type Progress,
  Secrets,
  TARGETS,
  VitrineError,
  augmentParams,
  datasetOf,
  loadConfig,
  parametersOf,
  parse,
} from '../contracts';
import { type JobRun, augment as augmentJob, withStatus } from '../engine';
import { replay } from './augment-replay';
import { EXIT, forTerminal, printJson, say, sayStack } from './output';
import { withWorkers } from './workers';

/** Classes that something is said of when it is not JSON. */
const TOLD = 20;

interface AugmentOptions extends OptionsOf<typeof augmentParams> {
  backgrounds?: string;
  replay?: string;
  out?: string;
  json?: boolean;
}

/** `vitrine augment`: tops a product data set up with pictures made of its own. */
export function augmentCommand(): Command {
  return new Command('augment')
    .description('Top a product data set up with training pictures made of its own')
    .argument('[dataset]', 'a folder with a folder for each UPC, and in it syn, synthetic or real')
    .option('--dataset-id <id>', 'in place of a folder: a data set in Supabase')
    .option('--syn-target <n>', 'synthetic pictures of each UPC, originals counted (default: 600)')
    .option('--real-target <n>', 'real pictures of each UPC, originals counted (default: 400)')
    .option('--backgrounds <dir>', 'pictures that stand behind products (default: backgrounds are drawn)')
    .option('--seed <n>', 'the same seed gives the same pictures (default: 0)')
    .option('--model <id>', 'model that cuts sources out; see "vitrine models list" (default: auto)')
    .option('--syn-pipeline <names>', 'what varies synthetic pictures, in turn (default: light,heavy)')
    .option('--real-pipeline <names>', 'what varies real pictures, in turn (default: real)')
    .option('--size <px>', "longer side of the pictures (default: the source's)")
    .option('--format <format>', `${OUTPUT_FORMATS.join('|')} (default: jpeg)`)
    .option('--quality <1-100>', 'of jpeg and webp (default: 90)')
    .option('--no-distractors', 'no other products stand beside this one')
    .option('--no-occluders', 'nothing hides a part of the product')
    .option('--include-unsure', 'compose with unsure cutouts as well')
    .option('--masks', 'write a mask of each picture')
    .option('--labels <what>', `${LABELS.join('|')}: files with boxes and outlines (default: none)`)
    .option('--split <shares>', 'of train, val and test, such as 0.8,0.1,0.1; only train is augmented')
    .option('--no-report', 'write no report')
    .option('--workers <n>', 'pictures made at a time (default: one for each core)')
    .option('--device <device>', `${DEVICES.join('|')} (default: DEVICE, else auto)`)
    .option('--strict-device', 'fail instead of falling back to another device')
    .option('--job-id <id>', 'the job tells CALLBACK_URL its state under it')
    .option('--supabase-url <url>', 'the project of --dataset-id (default: SUPABASE_URL)')
    .option('--bucket <name>', 'in Storage (default: datasets)')
    .option('--prefix <path>', 'the folder in the bucket (default: the id)')
    .option(
      '--replay <record>',
      'make a picture again: a file with its record, or records.jsonl:<line or file name>',
    )
    .option('-o, --out <file>', 'where --replay writes it (default: it is only compared)')
    .option('--json', 'print one JSON object on stdout')
    .action(run);
}

async function run(dataset: string | undefined, options: AugmentOptions): Promise<void> {
  const input = options.replay ?? dataset ?? String(options.datasetId ?? '');
  try {
    process.exitCode = options.replay
      ? await replay(options.replay, dataset, options)
      : await augment(dataset, options);
  } catch (thrown) {
    const error = VitrineError.from(thrown);
    if (!options.json || ['INVALID_PARAMETER', 'INTERNAL'].includes(error.code)) throw thrown;
    printJson({ input, error });
    process.exitCode = EXIT.failed;
  }
}

async function augment(dataset: string | undefined, options: AugmentOptions): Promise<number> {
  const config = loadConfig();
  const params = parse(
    augmentParams,
    parametersOf(augmentParams, {
      ...options,
      datasetPath: dataset && resolve(dataset),
      backgroundsPath: options.backgrounds && resolve(options.backgrounds),
    }),
  );
  datasetOf(params);
  return withWorkers(config, ({ pool, workspace, signal }) =>
    workspace.withFolder(async (folder) => {
      const bar = new Bar();
      const run: JobRun<'augment'> = {
        ...{ config, pool, params, folder, signal, onProgress: bar.tell, onDefect: sayStack },
        // Keys are the environment's.
        ...{ secrets: new Secrets(), files: {} },
      };
      try {
        const { result } = await withStatus(JOBS.augment, run, async () => {
          const { artifacts, result: answer } = await augmentJob(run);
          const made = answer({});
          // The page in the job's folder is a copy, and goes with it.
          const report =
            made.augmentation_path && artifacts.report && join(made.augmentation_path, 'report.html');
          return { result: { ...made, artifacts: report ? { report } : {} } };
        });
        bar.stop();
        if (options.json) printJson({ input: dataset ?? params.dataset_id, ...result });
        else describe(result).forEach(say);
        const { syn, real } = result.report.totals;
        return syn.missing + real.missing ? EXIT.partlyFailed : EXIT.done;
      } finally {
        bar.stop();
      }
    }),
  );
}

/** How far the run is: a bar on a terminal, a line for each tenth elsewhere. */
class Bar {
  private bar?: SingleBar;
  private last = '';

  readonly tell = ({ stage, fraction, message = '' }: Progress): void => {
    if (process.stderr.isTTY) {
      this.bar ??= this.begin();
      this.bar.update(fraction, { stage, message: forTerminal(message) });
      return;
    }
    const step = `${stage} ${Math.floor(fraction * 10)}`;
    if (step === this.last || !message) return;
    this.last = step;
    say(`${stage}: ${message}`);
  };

  /** Takes the bar off the screen. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private begin(): SingleBar {
    const bar = new SingleBar({
      ...{ format: '{bar} {percentage}% {stage}: {message}', hideCursor: true },
      ...{ stream: process.stderr, clearOnComplete: true },
    });
    bar.start(1, 0, { stage: '', message: '' });
    return bar;
  }
}

function describe(result: AugmentResult): string[] {
  const { syn_produced, real_produced, report, changes, warnings, metrics, model, device, workers } = result;
  const { totals, items } = report;
  const rate = `${metrics.pictures_per_second} a second with ${workers} at a time`;
  const cut = model ? `, cut by ${model} on ${device}` : '';
  const told = items.flatMap(noteOf);
  return [
    `${syn_produced} synthetic and ${real_produced} real pictures made of ${totals.sources} sources in ${totals.classes} classes (${rate}${cut}, ${Math.round(metrics.elapsed_ms / 100) / 10} s)`,
    ...TARGETS.map((target) => {
      const { existing, originals, produced, target: wanted, missing } = totals[target];
      const short = missing ? `, ${missing} missing` : '';
      return `  ${target}: ${existing + produced} of ${wanted} (${originals} originals, ${existing - originals} made before)${short}`;
    }),
    ...[...changes, ...warnings].map((words) => `  ${words}`),
    ...told.slice(0, TOLD).map((words) => `  ${words}`),
    ...(told.length > TOLD ? [`  and ${told.length - TOLD} more notes: see the report`] : []),
    ...(result.augmentation_path ? [`  ${result.artifacts.report ?? result.augmentation_path}`] : []),
    ...(result.supabase
      ? [
          `  ${result.supabase.uploaded} files uploaded to ${result.supabase.bucket}/${result.supabase.prefix}`,
        ]
      : []),
  ];
}

/** What a person should know of a class. */
function noteOf({ upc, skipped, failed, unsure, duplicates, warnings }: AugmentItem): string[] {
  const left = (list: readonly LeftOut[], what: string) =>
    list.length ? [`${namesOf(list)} ${what}: ${list[0].reason}`] : [];
  return [
    ...warnings,
    ...left(skipped, 'left out'),
    ...left(failed, 'not made'),
    ...left(
      unsure.filter(({ used }) => !used),
      'unsure and left out of compositions',
    ),
    ...left(
      unsure.filter(({ used }) => used),
      'unsure',
    ),
    ...(duplicates.length ? [`${namesOf(duplicates)} a copy of another, such as ${duplicates[0].of}`] : []),
  ].map((words) => `${upc}: ${words}`);
}

/** @example namesOf([a, b, c]) // '3 pictures, such as 012/real/a.jpg, are' */
function namesOf(list: readonly { file: string }[]): string {
  return list.length === 1 ? `${list[0].file} is` : `${list.length} pictures, such as ${list[0].file}, are`;
}
