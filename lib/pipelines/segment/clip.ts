import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Alpha, type RgbImage, type SegmentParams, VitrineError, throwIfAborted } from '../../contracts';
import { resizeAlpha } from '../../image';
import type { ClipFrames } from '../../tracking';
import type { VideoReader } from '../../video';
import { type Detail, detailOf } from './sharpness';

/** Pixels of the longer side of the frames that an object is followed on. */
const SMALL = 960;
const QUALITY = 92;
/** Pixels a side of the matte that a video brings along. */
const MATTE = 320;

/** A frame of the video that could be read. */
interface ClipFrame {
  /** In the video, from 0. */
  index: number;
  seconds: number;
  detail: Detail;
  /** Of the whole frame, where the video has one and it is not opaque. */
  alpha?: Alpha;
}

/** A video's chosen frames, made small and laid down in the job's folder, so that they can be read in any order. */
export interface Clip extends ClipFrames {
  /** Pixels of the small frames. */
  width: number;
  height: number;
  frames: readonly ClipFrame[];
}

/**
 * @param folder the job's own
 * @throws VitrineError INVALID_VIDEO and what else the decoder says, CANCELLED
 */
export async function readClip(
  reader: VideoReader,
  { max_frames, fps, stride }: SegmentParams,
  {
    folder,
    signal,
    onFrame,
  }: { folder: string; signal: AbortSignal; onFrame(done: number, total: number): void },
): Promise<Clip> {
  const indices = await reader.select({ maxFrames: max_frames, fps, stride });
  const small = join(folder, 'small');
  await mkdir(small, { recursive: true });
  const frames: ClipFrame[] = [];
  const fileOf = (place: number) => join(small, `${place}.jpg`);
  let size = { width: 0, height: 0 };
  // A frame is written while the next one is decoded.
  let writing: Promise<unknown> = Promise.resolve();
  try {
    for await (const { index, seconds, image, alpha } of reader.frames(indices, { maxSide: SMALL })) {
      throwIfAborted(signal);
      size = { width: image.width, height: image.height };
      await writing;
      writing = writeSmall(image, fileOf(frames.length));
      // What goes wrong is thrown where it is waited for.
      writing.catch(() => undefined);
      frames.push({
        index,
        seconds,
        detail: detailOf(image),
        alpha: alpha && (await resizeAlpha(alpha, MATTE, MATTE)),
      });
      onFrame(frames.length, indices.length);
    }
    await writing;
  } finally {
    // Nothing may be written into the folder after the job.
    await writing.catch(() => undefined);
  }
  if (!frames.length) throw noFrames();
  return {
    ...size,
    frames,
    count: frames.length,
    read: async (place) => decodeSmall(await readFile(fileOf(place))),
  };
}

function writeSmall({ data, width, height }: RgbImage, file: string): Promise<unknown> {
  const pipeline = sharp(data, { raw: { width, height, channels: 3 } });
  // Half of an encoder's time goes into files that are a fiftieth smaller.
  return pipeline.jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4', optimiseCoding: false }).toFile(file);
}

async function decodeSmall(bytes: Buffer): Promise<RgbImage> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return {
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    width: info.width,
    height: info.height,
  };
}

function noFrames(): VitrineError {
  return new VitrineError({
    code: 'INVALID_VIDEO',
    message: 'No frame of this video could be read',
    hint: 'Play it on this machine; if that works, convert it to MP4 with H.264 and try again.',
  });
}
