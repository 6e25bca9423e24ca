import { VitrineError, throwIfAborted } from '../../contracts';
import { type ColourTags, type PlaneLayout, byteCount, isOpaque, usualMatrix } from '../planes';
import { broken } from '../problems';
import { Queue } from '../queue';
import { WantedFrames } from '../select';
import { squareSize } from '../size';
import type { DecodedFrame, OpenedVideo, Source, VideoInfo } from '../types';
import type { Stream } from './describe';
import { type Ffmpeg, hasCodec } from './find';
import { probe } from './probe';
import { FfmpegProcess } from './run';

/** The decoders that read the transparency of WebM; ffmpeg's own leave it out. */
const ALPHA_DECODERS: Record<string, string> = { vp8: 'libvpx', vp9: 'libvpx-vp9' };

/** An ffmpeg of this machine, a process for each pass. */
export async function openWithFfmpeg(ffmpeg: Ffmpeg, source: Source): Promise<OpenedVideo> {
  const stream = await probe(ffmpeg, source);
  const { times, lastDuration } = stream;
  const notes: string[] = [];
  const decoder = stream.alphaMode ? ALPHA_DECODERS[stream.codec] : undefined;
  const readsAlpha = decoder !== undefined && (await hasCodec(ffmpeg, 'decoder', decoder));
  if (decoder && !readsAlpha) notes.push(`The video's transparency is lost: this ffmpeg has no ${decoder}`);
  if (stream.dolbyVision === 5)
    notes.push(
      'The video is Dolby Vision of profile 5, whose colours cannot be converted: they will look wrong',
    );
  const described: Described = {
    ...stream,
    readsAlpha: readsAlpha && decoder !== undefined ? decoder : undefined,
  };
  const durationSeconds = times[times.length - 1] - times[0] + lastDuration;
  const announced = stream.isDamaged
    ? Math.round((stream.duration ?? 0) * (stream.frameRate ?? 0))
    : undefined;
  const info: VideoInfo = {
    ...squareSize(stream.width, stream.height, stream.aspect),
    durationSeconds,
    frameRate: durationSeconds > 0 ? times.length / durationSeconds : stream.frameRate,
    frameCount: times.length,
    rotation: stream.rotation,
    codec: stream.codec,
    hdr: stream.transfer !== 'sdr',
    interlaced: stream.interlaced,
    hasAlpha: readsAlpha || hasAlphaSamples(stream.pixelFormat),
  };
  const decode: OpenedVideo['decode'] = (indices, size) =>
    decodeFrames(ffmpeg, source, described, outputOf(described, info, size), { times, indices });
  return { info, times, notes, decode, announced };
}

interface Described extends Stream {
  /** The decoder that has to be named for its transparency. */
  readsAlpha?: string;
}

interface Pass {
  times: readonly number[];
  indices: readonly number[];
}

async function* decodeFrames(
  ffmpeg: Ffmpeg,
  source: Source,
  stream: Described,
  out: Output,
  { times, indices }: Pass,
): AsyncGenerator<DecodedFrame> {
  const wanted = new WantedFrames(times, indices);
  const shown = new Queue<number>();
  const running = FfmpegProcess.start(
    ffmpeg,
    source,
    [
      stream.readsAlpha ? ['-c:v', stream.readsAlpha] : [],
      [
        ...['-map', '0:V:0', '-vf', filters(stream, picked(times, indices), out)],
        ...[...ffmpeg.passthrough, '-f', 'rawvideo', 'pipe:1'],
      ],
    ],
    (line) => {
      const time = /\bpts_time:(\S+)/.exec(line)?.[1];
      if (time !== undefined) shown.push(Number(time));
    },
    () => shown.end(),
  );
  let count = 0;
  try {
    while (!wanted.isDone) {
      const bytes = await running.read(out.bytes);
      if (!bytes) break;
      const index = wanted.indexAt((await running.watched(() => shown.next())) ?? NaN);
      if (index === undefined) continue;
      count++;
      yield { index, seconds: times[index], ...out.convert(bytes) };
    }
    // It may still be at work on frames that nobody asked for.
    if (count > 0 || wanted.isDone) return;
    const { code, signal } = await running.finished();
    if (code !== 0)
      throw broken(
        `ffmpeg could decode no frame (${signal ?? `exit code ${code}`}): ${running.reason(source.file)}`,
      );
  } catch (error) {
    throwIfAborted(source.signal);
    throw VitrineError.from(error);
  } finally {
    await running.end();
  }
}

/** What is asked of ffmpeg, and how it becomes a picture. */
interface Output {
  size: { width: number; height: number };
  pixelFormat: string;
  bytes: number;
  convert(bytes: Uint8Array): Pick<DecodedFrame, 'image' | 'alpha'>;
}

/**
 * Planes, of frames that need nothing but our own conversion to colours, which takes a fifth of the time of ffmpeg's; of
 * HDR as well. Frames that are made smaller keep all of their chroma. Otherwise colours as they are seen.
 * @param wanted left out: as large as the video
 */
function outputOf(stream: Stream, { width, height, hasAlpha }: VideoInfo, wanted?: Output['size']): Output {
  const size = wanted ?? { width, height };
  const pixels = size.width * size.height;
  const isHdr = stream.transfer !== 'sdr';
  if (isHdr || (!hasAlpha && USUAL.includes(stream.pixelFormat))) {
    const isAsStored = size.width === stream.width && size.height === stream.height;
    const chroma = isHdr || isAsStored ? '420' : '444';
    const layout: PlaneLayout = { ...size, chroma, depth: isHdr ? 10 : 8 };
    const tags = { matrix: matrixOf(stream), fullRange: stream.fullRange, transfer: stream.transfer };
    const convert = (bytes: Uint8Array) => ({ image: { ...layout, bytes, tags } });
    const pixelFormat = isHdr ? 'yuv420p10le' : isAsStored ? stream.pixelFormat : 'yuv444p';
    return { size, pixelFormat, bytes: byteCount(layout), convert };
  }
  if (hasAlpha)
    return { size, pixelFormat: 'rgba', bytes: pixels * 4, convert: (bytes) => separate(bytes, size) };
  return { size, pixelFormat: 'rgb24', bytes: pixels * 3, convert: (data) => ({ image: { data, ...size } }) };
}

/** Formats of nearly all videos: 8 bits, 4:2:0, and no alpha. */
const USUAL = ['yuv420p', 'yuvj420p'];

function matrixOf({ matrix, width, height, transfer }: Stream): ColourTags['matrix'] {
  return matrix ?? usualMatrix(width, height, transfer !== 'sdr');
}

function separate(
  rgba: Uint8Array,
  size: { width: number; height: number },
): Pick<DecodedFrame, 'image' | 'alpha'> {
  const image = { data: new Uint8Array(size.width * size.height * 3), ...size };
  const alpha = { data: new Uint8Array(size.width * size.height), ...size };
  for (let pixel = 0, at = 0, from = 0; pixel < alpha.data.length; pixel++, at += 3, from += 4) {
    image.data[at] = rgba[from];
    image.data[at + 1] = rgba[from + 1];
    image.data[at + 2] = rgba[from + 2];
    alpha.data[pixel] = rgba[from + 3];
  }
  return isOpaque(alpha.data) ? { image } : { image, alpha };
}

/** Seconds by which times may differ as they are written and read. */
const ROUNDING = 1e-6;

/** Where chroma lies between the samples of luma, in 256ths. */
const LEFT = 0;

/** Deinterlaced, picked, scaled. ffmpeg has turned the frames before. */
function filters(stream: Stream, select: string | undefined, { size, pixelFormat }: Output): string {
  const range = stream.fullRange ? 'pc' : 'tv';
  // Frames of RGB have neither a matrix nor chroma beside luma. Chroma is sited left, as H.264, HEVC and VP9 have it.
  const colors = isRgb(stream)
    ? ''
    : `:in_color_matrix=${matrixOf(stream)}:in_range=${range}:in_h_chr_pos=${LEFT}`;
  // Ranges and places of planes stay what they are.
  const kept = `:out_color_matrix=${matrixOf(stream)}:out_range=${range}:out_h_chr_pos=${LEFT}`;
  return [
    ...(stream.interlaced ? ['yadif=mode=send_frame:deint=interlaced'] : []),
    ...(select ? [`select='${select}'`] : []),
    `scale=${size.width}:${size.height}:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp${colors}${pixelFormat.startsWith('yuv') ? kept : ''}`,
    `format=${pixelFormat}`,
    'showinfo=checksum=0',
  ].join(',');
}

function isRgb({ pixelFormat }: Stream): boolean {
  return /^(gbr|pal8|0?(rgb|bgr)|a?(rgb|bgr))/.test(pixelFormat);
}

/**
 * An expression that is over 0 for these frames: `isnan(t)+between(t,0.3,0.9)`, half of the way to the frames beside them.
 * By time, since frames that cannot be decoded are not counted.
 * @returns undefined where they are the first ones, and none has to be left out
 */
function picked(times: readonly number[], indices: readonly number[]): string | undefined {
  if (indices[indices.length - 1] === indices.length - 1) return undefined;
  const runs: [number, number][] = [];
  for (const index of indices) {
    const run = runs.at(-1);
    if (run && index === run[1] + 1) run[1] = index;
    else runs.push([index, index]);
  }
  const before = (index: number) => ((times[index - 1] ?? -1e9) + (times[index] ?? 1e9)) / 2;
  const parts = runs.map(
    ([from, to]) =>
      `between(t,${(before(from) - ROUNDING).toFixed(7)},${(before(to + 1) + ROUNDING).toFixed(7)})`,
  );
  return ['isnan(t)', ...parts].join('+');
}

function hasAlphaSamples(pixelFormat: string): boolean {
  return /^(yuva|gbrap|rgba|bgra|argb|abgr|ya8|ya16|pal8)/.test(pixelFormat);
}
