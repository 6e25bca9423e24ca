import { sharedArena } from '../kernels';

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/**
 * 1 where the whole square around a pixel (its part inside the picture) is 1.
 * @param mask zeros and ones
 * @param before pixels of the square left of and above the pixel
 * @param after pixels right of it and below
 */
export function erode(mask: Uint8Array, size: Size, before: number, after = before): Uint8Array {
  return squares(mask, size, before, after, false);
}

/**
 * 1 for everything within a square of `2 * reach + 1` pixels around what is 1.
 * @param mask zeros and ones
 */
export function dilate(mask: Uint8Array, size: Size, reach: number): Uint8Array {
  return squares(mask, size, reach, reach, true);
}

/** What grows is what is left of the ground when that becomes smaller. */
function squares(
  mask: Uint8Array,
  { width, height }: Size,
  before: number,
  after: number,
  grows: boolean,
): Uint8Array {
  if (before + after === 0 || mask.length === 0) return mask.slice();
  const arena = sharedArena();
  return arena.scope(() => {
    const data = arena.put(mask);
    const row = arena.take(width + before + after);
    const rows = arena.take(width * (height + before + after));
    arena.kernels.erodeSquares(data, width, height, before, after, Number(grows), row, rows);
    return arena.bytes(data, mask.length).slice();
  });
}

/** 1 where a mask of zeros and ones is 0, and 0 where it is 1. */
export function inverse(mask: Uint8Array): Uint8Array {
  const result = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) result[i] = 1 - mask[i];
  return result;
}
