import type { Alpha } from '../contracts';

/** Trimap values: certainly backdrop, to be found out, certainly product. */
export const BACKGROUND = 0;
export const UNKNOWN = 128;
export const FOREGROUND = 255;

export interface TrimapOptions {
  /** Product where alpha is above, 0..255. Default 240. */
  foregroundThreshold?: number;
  /** Backdrop where alpha is below, 0..255. Default 10. */
  backgroundThreshold?: number;
  /** Side of the square that both are eroded by, whole pixels; 0 or 1 takes nothing. Default 10. */
  erodeSize?: number;
}

/**
 * What a matte is sure of. Product and backdrop are each eroded by a square; beyond the picture's border both go on.
 * @returns `BACKGROUND`, `UNKNOWN` or `FOREGROUND` for each pixel
 */
export function trimapOf(
  alpha: Alpha,
  { foregroundThreshold = 240, backgroundThreshold = 10, erodeSize = 10 }: TrimapOptions = {},
): Alpha {
  const { data, width, height } = alpha;
  const foreground = new Uint8Array(data.length);
  const background = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    if (data[i] > foregroundThreshold) foreground[i] = 1;
    if (data[i] < backgroundThreshold) background[i] = 1;
  }
  erode(foreground, width, height, erodeSize);
  erode(background, width, height, erodeSize);
  const trimap = new Uint8Array(data.length).fill(UNKNOWN);
  for (let i = 0; i < data.length; i++) {
    if (background[i]) trimap[i] = BACKGROUND;
    else if (foreground[i]) trimap[i] = FOREGROUND;
  }
  return { data: trimap, width, height };
}

/** Keeps, in place, the ones whose square of `size` pixels a side is all ones: `size >> 1` pixels before, the rest after. */
function erode(mask: Uint8Array, width: number, height: number, size: number): void {
  if (size < 2) return;
  const before = size >> 1;
  const after = size - 1 - before;
  for (let y = 0; y < height; y++) erodeLine(mask, y * width, 1, width, before, after);
  for (let x = 0; x < width; x++) erodeLine(mask, x, width, height, before, after);
}

function erodeLine(
  mask: Uint8Array,
  start: number,
  step: number,
  length: number,
  before: number,
  after: number,
): void {
  let cleared = 0;
  for (let i = 0; i < length; i++) {
    if (mask[start + i * step]) continue;
    // A zero clears from `after` before it to `before` behind it; behind it only up to the next zero.
    for (let n = Math.max(cleared, i - after); n < i; n++) mask[start + n * step] = 0;
    let next = i + 1;
    while (next < length && next <= i + before && mask[start + next * step]) mask[start + next++ * step] = 0;
    cleared = next;
    i = next - 1;
  }
}
