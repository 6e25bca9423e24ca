import type { DiffusionNetwork } from '../models';

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Long side over short side: in longer pictures networks repeat themselves. */
const MAX_ASPECT = 4;

/**
 * The size that a network draws for a frame: the frame's proportions at the number of pixels that it was trained with.
 * Sides are multiples of what the network can halve, so the proportions may be off by a little; a frame
 * longer than 4 to 1 gets a part of its length.
 */
export function drawnSize(
  { size, multiple, fixed }: Pick<DiffusionNetwork, 'size' | 'multiple' | 'fixed'>,
  { width, height }: Size,
): Size {
  if (fixed) return fixed;
  const aspect = Math.min(MAX_ASPECT, Math.max(1 / MAX_ASPECT, width / height));
  const fit = (side: number) => Math.max(multiple, Math.round(side / multiple) * multiple);
  return { width: fit(size * Math.sqrt(aspect)), height: fit(size / Math.sqrt(aspect)) };
}
