import type { Alpha, BoundingBox, RgbImage } from '../contracts';
import type { ObjectPrompt } from './types';

/** Pixels on each side for a share of the longer side. */
export function rimOf({ width, height }: Pick<RgbImage, 'width' | 'height'>, share: number): number {
  return Math.round(share * Math.max(width, height));
}

/** A frame with a rim on each side, in which it is mirrored. */
export function addRim(frame: RgbImage, rim: number): RgbImage {
  if (!rim) return frame;
  const [width, height] = [frame.width + 2 * rim, frame.height + 2 * rim];
  const data = new Uint8Array(width * height * 3);
  const columns = Array.from({ length: width }, (_, x) => mirrored(x - rim, frame.width));
  for (let y = 0, at = 0; y < height; y++) {
    const row = mirrored(y - rim, frame.height) * frame.width;
    for (let x = 0; x < width; x++, at += 3) {
      const from = 3 * (row + columns[x]);
      for (let channel = 0; channel < 3; channel++) data[at + channel] = frame.data[from + channel];
    }
  }
  return { data, width, height };
}

/** A matte of a frame with a rim, without it. */
export function cutRim(alpha: Alpha, rim: number): Alpha {
  if (!rim) return alpha;
  const [width, height] = [alpha.width - 2 * rim, alpha.height - 2 * rim];
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (y + rim) * alpha.width + rim;
    data.set(alpha.data.subarray(from, from + width), y * width);
  }
  return { data, width, height };
}

/** A box of a frame in the frame with a rim. */
export function moveBox([x, y, width, height]: BoundingBox, rim: number): BoundingBox {
  return [x + rim, y + rim, width, height];
}

/** A prompt for a frame as one for the frame with a rim. */
export function movePrompt({ box, points, ...rest }: ObjectPrompt, rim: number): ObjectPrompt {
  return {
    ...rest,
    box: box && moveBox(box, rim),
    points: points?.map(({ x, y, label }) => ({ x: x + rim, y: y + rim, label })),
  };
}

/** The pixel that one beyond an end is the mirror image of; the end itself is not repeated. */
function mirrored(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const place = ((at % period) + period) % period;
  return place < length ? place : period - place;
}
