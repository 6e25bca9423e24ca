import { join } from 'node:path';
import { type JobContext, type RgbImage, type Tasks, throwIfAborted } from '../contracts';
import { encodeImage, resizeRgb } from '../image';
import { openVideo } from '../video';
import type { Resources } from './resources';
import { detailOf, sharpnessOf } from './segment/sharpness';

/** Frames that are looked at for each that is taken, and pixels of their longer side. */
const LOOKS = 4;
const MAX_SIDE = 1536;
/** Pixels of a side on which sharpness is compared. */
const COMPARED = 512;

/**
 * Takes a few frames out of a video: from all its parts, of each the sharpest.
 * @returns the sharpest first
 * @throws VitrineError INVALID_VIDEO and what else the decoder says, CANCELLED
 */
export async function videoStills(
  { config }: Resources,
  { file, count }: Tasks['stills']['input'],
  { signal, tempDir }: JobContext,
): Promise<Tasks['stills']['output']> {
  const { videoLimits: limits, ffmpegPath } = config;
  const reader = await openVideo(file, { limits, ffmpegPath, folder: tempDir, signal });
  const indices = await reader.select({ maxFrames: count * LOOKS });
  const partOf = new Map(indices.map((index, i) => [index, Math.floor((i * count) / indices.length)]));
  const best = new Map<number, { frame: number; image: RgbImage; sharpness: number }>();
  for await (const { index, image } of reader.frames(indices, { maxSide: MAX_SIDE })) {
    throwIfAborted(signal);
    const sharpness = sharpnessOf(detailOf(await resizeRgb(image, COMPARED, COMPARED)));
    const part = partOf.get(index)!;
    if (sharpness > (best.get(part)?.sharpness ?? -1)) best.set(part, { frame: index, image, sharpness });
  }
  const taken = [...best.values()].sort((a, b) => b.sharpness - a.sharpness);
  const stills = [];
  for (const { frame, image } of taken) {
    const still = join(tempDir, `still-${frame}.jpg`);
    await encodeImage(still, image, { format: 'jpeg', quality: 90 });
    const { width, height } = image;
    stills.push({ file: still, frame, width, height, ratio: reader.info.width / width });
  }
  return { stills };
}
