import { spawn } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { VitrineError, decoderEnvironment, throwIfAborted } from '../contracts';
import { fitSide } from '../image';
import { type Ffmpeg, findFfmpeg, hasCodec } from './ffmpeg/find';

/** Red, green, blue and straight alpha, 8 bits each. */
export interface RgbaFrame {
  data: Uint8Array;
  width: number;
  height: number;
}

export const PREVIEW_FORMATS = ['webm', 'gif', 'webp'] as const;
export type PreviewFormat = (typeof PREVIEW_FORMATS)[number];

export interface PreviewOptions {
  /** Where it is written, without its ending. */
  stem: string;
  /** Frames a second, over 0. */
  fps: number;
  /** Default: webm where an ffmpeg can write it, otherwise webp. */
  format?: PreviewFormat;
  /** Default: the ffmpeg on PATH. */
  ffmpegPath?: string;
  /** Of the job. */
  folder: string;
  signal: AbortSignal;
}

const ENCODER = 'libvpx-vp9';
/** Animated pictures are kept in memory whole: no more frames, nor larger ones. */
const MAX_PICTURES = 120;
const MAX_PICTURE_SIDE = 360;

/**
 * Writes transparent frames as something that moves: WebM (VP9 with alpha) by ffmpeg, animated WebP or GIF without one;
 * of those, long ones have every second frame only, or every fourth.
 * @param frames at least one, all of one size
 * @returns the file, which is there whole or not at all
 * @throws VitrineError TOOL_MISSING where webm is asked for and no ffmpeg writes it; CANCELLED
 */
export async function writePreview(
  frames: AsyncIterable<RgbaFrame> | Iterable<RgbaFrame>,
  options: PreviewOptions,
): Promise<{ file: string; format: PreviewFormat }> {
  const { stem, signal, folder } = options;
  const ffmpeg = await encoder(options);
  const format = ffmpeg ? 'webm' : (options.format ?? 'webp');
  const part = join(folder, `preview.part.${format}`);
  try {
    if (ffmpeg) await writeWebm(ffmpeg, frames, part, options);
    else await writeAnimation(frames, part, { ...options, format });
    throwIfAborted(signal);
    await rename(part, `${stem}.${format}`);
  } catch (error) {
    await rm(part, { force: true });
    throwIfAborted(signal);
    throw error;
  }
  return { file: `${stem}.${format}`, format };
}

/** The ffmpeg that writes WebM, where one is wanted and there. */
async function encoder({ format, ffmpegPath }: PreviewOptions): Promise<Ffmpeg | undefined> {
  if (format === 'gif' || format === 'webp') return undefined;
  const ffmpeg = await findFfmpeg(ffmpegPath);
  if (ffmpeg && (await hasCodec(ffmpeg, 'encoder', ENCODER))) return ffmpeg;
  if (format === undefined) return undefined;
  throw new VitrineError({
    code: 'TOOL_MISSING',
    message: `Nothing here writes WebM: there is no ffmpeg with ${ENCODER}`,
    hint: 'Install ffmpeg (put it on PATH, or set FFMPEG_PATH), or ask for a preview as webp or gif.',
  });
}

async function writeWebm(
  { path }: Ffmpeg,
  frames: AsyncIterable<RgbaFrame> | Iterable<RgbaFrame>,
  file: string,
  { fps, folder, signal }: PreviewOptions,
): Promise<void> {
  const iterator = iteratorOf(frames);
  const first = await firstOf(iterator);
  const { width, height } = first;
  const args = [
    ...['-hide_banner', '-loglevel', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'rgba'],
    ...['-s', `${width}x${height}`, '-r', `${fps}`, '-i', 'pipe:0'],
    // VP9 has its alpha beside hidden frames only where there are none.
    ...['-c:v', ENCODER, '-pix_fmt', 'yuva420p', '-auto-alt-ref', '0', '-b:v', '0', '-crf', '32'],
    ...[
      '-deadline',
      'realtime',
      '-cpu-used',
      '6',
      '-row-mt',
      '1',
      '-metadata:s:v:0',
      'alpha_mode=1',
      `file:${file}`,
    ],
  ];
  const child = spawn(path, args, {
    cwd: folder,
    env: decoderEnvironment(process.env),
    stdio: ['pipe', 'ignore', 'pipe'],
    windowsHide: true,
  });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-500)));
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('close', resolve).once('error', reject),
  );
  ended.catch(() => undefined);
  try {
    const bytes = Readable.from(bytesOf(first, iterator), { objectMode: true, highWaterMark: 1 });
    // What ends it early says why by its exit code.
    await pipeline(bytes, child.stdin, { signal }).catch((error: NodeJS.ErrnoException) => {
      if (!['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(error.code ?? '')) throw error;
    });
    const code = await ended;
    if (code !== 0) throw new Error(`ffmpeg could not write the preview (exit code ${code}): ${words}`);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await ended.catch(() => undefined);
  }
}

type Frames = AsyncIterator<RgbaFrame> | Iterator<RgbaFrame>;

function iteratorOf(frames: AsyncIterable<RgbaFrame> | Iterable<RgbaFrame>): Frames {
  return Symbol.asyncIterator in frames ? frames[Symbol.asyncIterator]() : frames[Symbol.iterator]();
}

async function firstOf(iterator: Frames): Promise<RgbaFrame> {
  const { done, value } = await iterator.next();
  if (done) throw new RangeError('A preview needs at least one frame');
  return value;
}

async function* bytesOf(first: RgbaFrame, iterator: Frames): AsyncGenerator<Uint8Array> {
  for (let frame: RgbaFrame | undefined = first; frame;) {
    if (frame.width !== first.width || frame.height !== first.height)
      throw new RangeError(
        `The frames of a preview have one size, not ${first.width} and ${frame.width} pixels`,
      );
    yield frame.data;
    const next: IteratorResult<RgbaFrame> = await iterator.next();
    frame = next.done ? undefined : next.value;
  }
}

async function writeAnimation(
  frames: AsyncIterable<RgbaFrame> | Iterable<RgbaFrame>,
  file: string,
  { fps, format, signal }: PreviewOptions,
): Promise<void> {
  let pictures: Uint8Array[] = [];
  let size = { width: 0, height: 0 };
  let stride = 1;
  let count = 0;
  for await (const frame of frames) {
    throwIfAborted(signal);
    if (count++ % stride) continue;
    const isLarge = Math.max(frame.width, frame.height) > MAX_PICTURE_SIDE;
    if (!pictures.length)
      size = isLarge ? fitSide(frame, MAX_PICTURE_SIDE) : { width: frame.width, height: frame.height };
    pictures.push(await scaled(frame, size));
    if (pictures.length <= MAX_PICTURES) continue;
    pictures = pictures.filter((_, at) => at % 2 === 0);
    stride *= 2;
  }
  if (!pictures.length) throw new RangeError('A preview needs at least one frame');
  const { width, height } = size;
  const raw = { width, height: height * pictures.length, channels: 4 as const, pageHeight: height };
  const delay = pictures.map(() => Math.round((1000 * stride) / fps));
  const animation = sharp(Buffer.concat(pictures), { raw, limitInputPixels: false });
  await (
    format === 'gif' ? animation.gif({ loop: 0, delay }) : animation.webp({ loop: 0, delay, quality: 80 })
  ).toFile(file);
}

async function scaled(
  { data, width, height }: RgbaFrame,
  size: { width: number; height: number },
): Promise<Uint8Array> {
  if (width === size.width && height === size.height) return data.slice();
  return sharp(data, { raw: { width, height, channels: 4 } })
    .resize(size.width, size.height, { fit: 'fill' })
    .raw()
    .toBuffer();
}
