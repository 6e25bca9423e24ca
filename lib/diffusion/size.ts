import type { DiffusionNetwork } from '../models';

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/**
 * The size that a network draws for a frame: the frame's proportions at the number of pixels that it was trained with.
 * Sides are multiples of what the network can halve, so the proportions may be off by a little.
 */
export function drawnSize(
  { size, multiple, fixed }: Pick<DiffusionNetwork, 'size' | 'multiple' | 'fixed'>,
  { width, height }: Size,
): Size {
  if (fixed) return fixed;
  const scale = size / Math.sqrt(width * height);
  const fit = (side: number) => Math.max(multiple, Math.round((side * scale) / multiple) * multiple);
  return { width: fit(width), height: fit(height) };
}
