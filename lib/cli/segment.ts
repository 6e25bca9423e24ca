import { mkdir, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Command } from 'commander';
import {
  DEVICES,
  FRAME_BACKGROUNDS,
  FRAME_SCALES,
  JOBS,
  OUTPUT_FORMATS,
  type OptionsOf,
  PREVIEWS,
  type Progress,
  type SegmentArtifact,
  type SegmentResult,
  Secrets,
  fileSafeId,
  isWebAddress,
  loadConfig,
  parametersOf,
  parse,
  segmentParams,
} from '../contracts';
import { type JobDone, type JobRun, downloadVideo, segment as segmentJob, withStatus } from '../engine';
import { driveFileOf } from '../providers';
import { runBatch } from './batch';
import { megabytes } from './download-bar';
import { Originals } from './files';
import { FramesFolder, RESULT_FILE } from './frames-folder';
import { listInputs } from './inputs';
import { say, sayStack } from './output';
import { checkOutputFolder } from './outputs';
import { planOutputs } from './plan';
import { withWorkers } from './workers';

type Paths = Partial<Record<SegmentArtifact, string>>;
type Written = SegmentResult & { input: string };

/** A video, and the folder that its frames go to. */
interface Item {
  input: string;
  folder: string;
}

interface Options extends OptionsOf<typeof segmentParams> {
  out: string;
  json?: boolean;
}

/** `vitrine segment`: the product of a video, centred in frames of one size. */
export function segmentCommand(): Command {
  return new Command('segment')
    .description('Cut a product out of every frame of a video, centred and of one size')
    .argument('<videos...>', 'files, folders, globs or addresses; links to Google Drive too')
    .requiredOption(
      '-o, --out <dir>',
      'where frame_0001.png and the others go; of several videos each has a folder there',
    )
    .option(
      '--prompt <text>',
      'which object is meant, such as bottle; needs grounding-dino-tiny or GEMINI_API_KEY',
    )
    .option('--box <x,y,w,h>', 'where it is in --prompt-frame, in pixels of the video')
    .option('--point <x,y>', 'a place on it in --prompt-frame, in pixels of the video')
    .option('--prompt-frame <n>', 'the frame that --box or --point is meant for, from 0 (default: 0)')
    .option('--max-frames <n>', 'more are thinned out evenly (default: 500)')
    .option('--fps <n>', 'frames a second that are taken (default: all)')
    .option('--stride <n>', 'take every nth frame')
    .option('--size <px>', 'side of the frames (default: 518, which suits DINOv2)')
    .option(
      '--padding <0-100>',
      "free room on each side, in per cent of the product's longer side (default: 5)",
    )
    .option('--scale <what>', `${FRAME_SCALES.join('|')} that the product's size follows (default: frame)`)
    .option('--background <what>', `${FRAME_BACKGROUNDS.join('|')} (default: transparent)`)
    .option('--bgcolor <#hex>', 'of --background color (default: #ffffff)')
    .option('--format <format>', `${OUTPUT_FORMATS.join('|')} (default: png)`)
    .option('--quality <1-100>', 'of webp and jpeg')
    .option('--model <id>', 'model that cuts or tracks; see "vitrine models list" (default: auto)')
    .option('--drop-blurred', 'leave out frames that are far from sharp')
    .option('--drop-duplicates', 'leave out frames that show what the one before shows')
    .option('--no-drop-empty', 'keep frames that do not show the product')
    .option('--no-sheet', 'write no contact-sheet.jpg')
    .option(
      '--preview [format]',
      `${PREVIEWS.slice(1).join('|')}: a moving picture of the frames (default: webm)`,
    )
    .option('--zip', 'write all frames into frames.zip as well')
    .option('--barcode <text>', 'the number below the barcode; comes back in the result')
    .option('--video-id <id>', 'comes back in the result')
    .option('--product-id <id>', "names the product's folder and row in Supabase")
    .option('--job-id <id>', 'the job tells CALLBACK_URL its state under it')
    .option(
      '--metadata',
      'fail where Gemini cannot read what stands on the product (default: read it with a key)',
    )
    .option('--no-metadata', 'do not ask Gemini, whether there is a key or not')
    .option(
      '--supabase',
      'fail where the frames cannot be delivered (default: deliver with a key and --product-id)',
    )
    .option('--no-supabase', 'deliver nothing')
    .option('--supabase-url <url>', 'the project (default: SUPABASE_URL)')
    .option('--bucket <name>', 'in Storage (default: frames)')
    .option('--row <json>', 'table, id and columns of the product, where they are called otherwise')
    .option('--device <device>', `${DEVICES.join('|')} (default: DEVICE, else auto)`)
    .option('--strict-device', 'fail instead of falling back to another device')
    .option('--json', 'print one JSON object per video on stdout')
    .action(segment);
}

async function segment(videos: string[], options: Options): Promise<void> {
  const config = loadConfig();
  const { preview, metadata, supabase } = options;
  const params = parse(
    segmentParams,
    parametersOf(segmentParams, {
      ...options,
      preview: preview === true ? 'webm' : preview,
      metadata: onOrOff(metadata),
      supabase: onOrOff(supabase),
    }),
  );
  const items = await planItems(videos, options.out);
  const originals = await Originals.of(
    items.map(({ input }) => input).filter((input) => !isWebAddress(input)),
  );
  await checkOutputFolder(options.out);

  await withWorkers(config, async ({ pool, workspace, signal }) => {
    const { exitCode } = await runBatch<Item, Written>({
      items,
      name: ({ input }) => input,
      json: Boolean(options.json),
      // A video alone keeps its worker busy; two would only take twice the memory.
      atOnce: Math.max(1, pool.mostAtOnce('segment') >> 1),
      signal,
      describe,
      work: ({ input, folder: target }, onFraction) =>
        workspace.withFolder(async (folder) => {
          const frames = await FramesFolder.open(target, originals);
          const tell = quarterly(input);
          const onProgress = (event: Progress) => {
            tell(event);
            onFraction(event.fraction, event.message);
          };
          const run: JobRun<'segment'> = {
            ...{ config, pool, params, folder, signal, onProgress, onDefect: sayStack },
            // Keys are the environment's.
            secrets: new Secrets(),
            files: { video: input },
          };
          const { result } = await withStatus(JOBS.segment, run, async () => {
            const video = isWebAddress(input) ? await fetchVideo(input, run) : input;
            return { result: await deliver(await segmentJob({ ...run, files: { video } }), folder, frames) };
          });
          return { input, ...result };
        }),
    });
    process.exitCode = exitCode;
  });
}

/** `--metadata` and `--no-metadata`; neither leaves it to what there are keys for. */
function onOrOff(flag: unknown): 'on' | 'off' | undefined {
  if (flag === undefined) return undefined;
  return flag ? 'on' : 'off';
}

/** @throws VitrineError NOT_FOUND; INVALID_PARAMETER where two videos would have the same folder */
async function planItems(videos: string[], out: string): Promise<Item[]> {
  const addresses = videos.filter(isWebAddress);
  const paths = videos.filter((video) => !isWebAddress(video));
  const local = paths.length ? await listInputs(paths) : { files: [], many: false };
  const inputs = [...local.files, ...addresses];
  if (!local.many && inputs.length === 1) return [{ input: inputs[0], folder: out }];
  const names = [...local.files, ...addresses.map(addressName)];
  const { items } = await planOutputs(names, true, out);
  return items.map(({ output }, index) => ({ input: inputs[index], folder: output }));
}

/** What the folder of a video is called that comes from an address. */
function addressName(url: string): string {
  const { pathname } = new URL(url);
  return driveFileOf(url)?.id ?? fileSafeId(basename(pathname, extname(pathname)));
}

/** The file's name without its ending. */
function nameOf(artifact: SegmentArtifact): string {
  if (artifact === 'sheet') return 'contact-sheet';
  return artifact === 'zip' ? 'frames' : artifact;
}

async function fetchVideo(
  url: string,
  { folder, config, signal, onProgress }: JobRun<'segment'>,
): Promise<string> {
  const own = join(folder, 'address');
  await mkdir(own);
  const { file } = await downloadVideo(url, own, config, signal, (received, total) => {
    const of = total ? ` of ${megabytes(total)}` : '';
    onProgress({
      stage: 'fetch',
      fraction: 0,
      message: `${megabytes(received)}${of} MB of the video are here`,
    });
  });
  return file;
}

/** Puts what a job made into its folder, with its result beside it. */
async function deliver(
  { artifacts, result }: JobDone<'segment'>,
  folder: string,
  frames: FramesFolder,
): Promise<SegmentResult> {
  const made = (Object.entries(artifacts) as [SegmentArtifact, string][]).map(([artifact, file]) => ({
    ...{ artifact, file },
    name: nameOf(artifact) + extname(file),
  }));
  const links = (place: (name: string) => string): Paths =>
    Object.fromEntries(made.map(({ artifact, name }) => [artifact, place(name)]));
  const file = join(folder, RESULT_FILE);
  await writeFile(file, `${JSON.stringify(result(links((name) => name)), null, 2)}\n`);
  await frames.replace([...made, { file, name: RESULT_FILE }]);
  return result(links((name) => join(frames.path, name)));
}

/** Tells how far a video is where there is no bar: a line for each quarter of its frames, and for each kind of step. */
function quarterly(input: string): (event: Progress) => void {
  let last = '';
  return ({ stage, fraction, message }) => {
    const step = `${stage} ${Math.floor(fraction * 4)}`;
    if (process.stderr.isTTY || !message || step === last) return;
    last = step;
    say(`${input}: ${message}`);
  };
}

function describe({ input, artifacts, ...result }: Written): string[] {
  const { frame_count, dropped, model, device, metrics, warnings, frames_url, metadata } = result;
  const product = metadata?.product_identity.product_name;
  const left = Object.entries(dropped).filter(([, count]) => count);
  return [
    `${input} -> ${artifacts[result.primary]} and others: ${frame_count} frames (${model} on ${device}, ${metrics.elapsed_ms} ms)`,
    ...(left.length ? [`  left out: ${left.map(([why, count]) => `${count} ${why}`).join(', ')}`] : []),
    ...(product ? [`  ${[metadata.brand_info.brand_name, product].filter(Boolean).join(' ')}`] : []),
    ...(frames_url ? [`  ${frames_url}`] : []),
    ...warnings.map((warning) => `  ${warning}`),
  ];
}
