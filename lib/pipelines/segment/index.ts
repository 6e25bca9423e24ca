import { join } from 'node:path';
import {
  FORMATS,
  type JobContext,
  type SegmentArtifact,
  type SegmentParams,
  type SegmentedClip,
  type SegmentedFrame,
  type Tasks,
  frameName,
  invalid,
  throwIfAborted,
} from '../../contracts';
import { decodeImage, encodeImage } from '../../image';
import { type RgbaFrame, type VideoReader, openVideo, writePreview } from '../../video';
import type { Resources } from '../resources';
import { Stopwatch } from '../stopwatch';
import { type Chosen, chooseFrames, primaryOf } from './choose';
import { type Clip, readClip } from './clip';
import { planCrops } from './crops';
import { Pace } from './pace';
import { type FoundFrame, PictureThreads } from './picture-threads';
import { FrameSheet } from './sheet';
import { track } from './track';
import { writeZip } from './zip';

/** Score below which a person should look at a frame's cut. */
const UNSURE = 0.75;
/** Where the parts of the work end in the job's progress. */
const [READ, TRACKED] = [0.1, 0.6];

/**
 * Cuts the product out of a video's frames and writes them (`frame_0001` …), a contact sheet, a preview and a ZIP file of
 * them, as far as they are asked for, into the job's folder. The video is decoded twice, small to follow the product and
 * whole to cut it out, so that no more than a frame of it is in memory.
 * @returns paths in `artifacts`
 * @throws VitrineError what the decoder, the networks and the parameters can say; NO_SUBJECT where no frame shows a
 *   product, CANCELLED
 */
export async function segmentVideo(
  resources: Resources,
  { file, params, found }: Tasks['segment']['input'],
  context: JobContext,
): Promise<SegmentedClip> {
  checkCombination(params);
  const { config, budget } = resources;
  const { signal, progress, tempDir } = context;
  return budget.use(signal, async (measured) => {
    const watch = new Stopwatch();
    const { videoLimits: limits, ffmpegPath } = config;
    const reader = await openVideo(file, { limits, ffmpegPath, folder: tempDir, signal });
    measured(reader.info.width * reader.info.height);
    const reading = new Pace('decode', [0, READ], progress);
    const onRead = (done: number, total: number) => reading.tell(done, total);
    const clip = await readClip(reader, params, { folder: tempDir, signal, onFrame: onRead });
    watch.lap('decode_ms');

    const ratio = reader.info.width / clip.width;
    const following = new Pace('infer', [READ, TRACKED], progress);
    const onFrame = (done: number, total: number) => following.tell(done, total);
    const { masks, tracker, model, device, warnings } = await track(
      { resources, clip, params, context, onFrame },
      found,
      ratio,
    );
    watch.lap('infer_ms');

    const crops = planCrops(masks, ratio, reader.info, params);
    const { chosen, dropped } = chooseFrames(clip, masks, crops, params);
    const made = await writeFrames({ reader, clip, chosen, ratio, params, context, config, watch });
    const primary = primaryOf(chosen, clip, ratio);
    const unsure = made.frames.filter((frame) => frame.unsure).length;
    return {
      tracker,
      model,
      device,
      frame_count: made.frames.length,
      primary: made.frames[primary].artifact,
      frames: made.frames,
      dropped,
      unsure_frames: unsure,
      video: videoOf(reader),
      format: params.format,
      width: params.size,
      height: params.size,
      warnings: [...warnings, ...reader.warnings, ...doubts(unsure, dropped.empty, made.frames.length)],
      metrics: watch.metrics(),
      artifacts: made.artifacts,
    };
  });
}

interface Writing {
  reader: VideoReader;
  clip: Clip;
  chosen: readonly Chosen[];
  ratio: number;
  params: SegmentParams;
  context: JobContext;
  config: Resources['config'];
  watch: Stopwatch;
}

/** The second pass: whole frames, cut out, centred, written. */
async function writeFrames(work: Writing) {
  const { reader, clip, chosen, params, context, config, watch } = work;
  const { signal, progress, tempDir } = context;
  const { format, quality } = params;
  const fileOf = (name: string) => join(tempDir, `${name}.${FORMATS[format].extension}`);
  const artifacts: Partial<Record<SegmentArtifact, string>> = {};
  const frames: SegmentedFrame[] = [];
  const sheet = params.sheet ? new FrameSheet(chosen.length) : undefined;
  const writing = new Pace('encode', [TRACKED, 1], progress);
  const byIndex = new Map(chosen.map((each) => [clip.frames[each.place].index, each]));
  // A frame is encoded while the next ones are cut out.
  let encoding: Promise<unknown> = Promise.resolve();
  const encoded = async () => {
    await encoding;
    if (frames.length) writing.tell(frames.length, chosen.length, frames.length);
    watch.lap('encode_ms');
  };
  async function* found(): AsyncGenerator<FoundFrame> {
    for await (const frame of reader.decoded([...byIndex.keys()])) {
      throwIfAborted(signal);
      watch.lap('decode_ms');
      yield { frame, chosen: byIndex.get(frame.index)! };
    }
  }
  const threads = threadsFor(work);
  try {
    for await (const { frame, chosen, picture } of threads.draw(found())) {
      watch.lap('refine_ms');
      const { mask, sharpness } = chosen;
      const artifact = frameName(frames.length);
      artifacts[artifact] = fileOf(artifact);
      const { image, alpha, bbox, scale } = picture;
      await encoded();
      encoding = encodeImage(fileOf(artifact), image, { alpha, format, quality });
      // What goes wrong is thrown where it is waited for.
      encoding.catch(() => undefined);
      await sheet?.add(frames.length, picture);
      frames.push({
        artifact,
        index: frame.index,
        seconds: Math.round(frame.seconds * 1000) / 1000,
        bbox,
        scale,
        confidence: round(mask.score),
        unsure: mask.score < UNSURE,
        sharpness: round(sharpness),
      });
    }
    await encoded();
  } finally {
    await threads.end();
    // Nothing may be written into the folder after the job.
    await encoding.catch(() => undefined);
  }
  if (sheet) {
    artifacts.sheet = join(tempDir, 'contact-sheet.jpg');
    await encodeImage(artifacts.sheet, sheet.draw(), { format: 'jpeg' });
  }
  const files = frames.map(({ artifact }) => artifacts[artifact]!);
  if (params.zip) {
    artifacts.zip = join(tempDir, 'frames.zip');
    await writeZip(artifacts.zip, files, signal);
  }
  if (params.preview !== 'none') {
    const stem = join(tempDir, 'preview');
    const pictures = readBack(files, config, signal);
    const options = { stem, fps: paceOf(frames), format: params.preview, folder: tempDir, signal };
    artifacts.preview = (await writePreview(pictures, { ...options, ffmpegPath: config.ffmpegPath })).file;
  }
  watch.lap('encode_ms');
  return { frames, artifacts };
}

function threadsFor({ reader, chosen, ratio, params, config }: Writing): PictureThreads {
  const { size, background, bgcolor } = params;
  const { width, height } = reader.info;
  const clip = { frames: chosen.length, pixels: width * height };
  return new PictureThreads({ ratio, params: { size, background, bgcolor } }, clip, config.threads);
}

/** The frames that were written, one at a time. */
async function* readBack(
  files: readonly string[],
  { limits }: Resources['config'],
  signal: AbortSignal,
): AsyncGenerator<RgbaFrame> {
  for (const file of files) {
    const { rgb, alpha } = await decodeImage(file, { limits, signal });
    const { width, height } = rgb;
    const data = new Uint8Array(width * height * 4);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) data[i * 4 + c] = rgb.data[i * 3 + c];
      data[i * 4 + 3] = alpha ? alpha.data[i] : 255;
    }
    yield { data, width, height };
  }
}

/** Frames a second that show the product at its own speed. */
function paceOf(frames: readonly SegmentedFrame[]): number {
  const seconds = frames.at(-1)!.seconds - frames[0].seconds;
  return seconds > 0 ? Math.min(60, Math.max(1, (frames.length - 1) / seconds)) : 12;
}

function videoOf({ info, decoder }: VideoReader): SegmentedClip['video'] {
  const { width, height, frameCount: frames, durationSeconds: seconds, frameRate: fps } = info;
  return { width, height, frames, seconds, fps, decoder };
}

function doubts(unsure: number, empty: number, count: number): string[] {
  return [
    ...(empty === 1 ? ['1 frame does not show the product and was left out.'] : []),
    ...(empty > 1 ? [`${empty} frames do not show the product and were left out.`] : []),
    ...(unsure ? [`Look at ${unsure} of the ${count} frames: the cut is unsure.`] : []),
  ];
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function checkCombination({ background, format, fps, stride, box, point, prompt }: SegmentParams): void {
  if (background === 'transparent' && format === 'jpeg') {
    const hint = 'JPEG has no transparency: choose png or webp, or the background color or original.';
    throw invalid('format', 'png or webp with the background transparent', format, hint);
  }
  if (fps !== undefined && stride !== undefined) throw invalid('stride', 'left out with fps', stride);
  if (box && prompt !== undefined) throw invalid('prompt', 'left out with box', prompt);
  if (point && (box ?? prompt) !== undefined)
    throw invalid('point', `left out with ${box ? 'box' : 'prompt'}`, point.join(', '));
}
