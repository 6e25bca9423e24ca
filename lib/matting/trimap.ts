import type { Alpha } from '../contracts';
import { erode } from './squares';

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
  const sure = { foreground: new Uint8Array(data.length), background: new Uint8Array(data.length) };
  for (let i = 0; i < data.length; i++) {
    if (data[i] > foregroundThreshold) sure.foreground[i] = 1;
    if (data[i] < backgroundThreshold) sure.background[i] = 1;
  }
  // An even square reaches one pixel further to the left and up, as scipy and rembg have it.
  const before = erodeSize >> 1;
  const after = Math.max(0, erodeSize - 1 - before);
  const foreground = erode(sure.foreground, alpha, before, after);
  const background = erode(sure.background, alpha, before, after);
  const trimap = new Uint8Array(data.length).fill(UNKNOWN);
  for (let i = 0; i < data.length; i++) {
    if (background[i]) trimap[i] = BACKGROUND;
    else if (foreground[i]) trimap[i] = FOREGROUND;
  }
  return { data: trimap, width, height };
}
