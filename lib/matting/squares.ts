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
export function erode(mask: Uint8Array, { width, height }: Size, before: number, after = before): Uint8Array {
  if (before + after === 0) return mask.slice();
  const across = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let run = before;
    for (let x = 0; x < width + after; x++) {
      run = x >= width || mask[row + x] ? run + 1 : 0;
      if (x >= after && run > before + after) across[row + x - after] = 1;
    }
  }
  const out = new Uint8Array(width * height);
  const runs = new Int32Array(width).fill(before);
  for (let y = 0; y < height + after; y++) {
    const row = y * width;
    const target = (y - after) * width;
    for (let x = 0; x < width; x++) {
      runs[x] = y >= height || across[row + x] ? runs[x] + 1 : 0;
      if (y >= after && runs[x] > before + after) out[target + x] = 1;
    }
  }
  return out;
}

/**
 * 1 for everything within a square of `2 * reach + 1` pixels around what is 1.
 * @param mask zeros and ones
 */
export function dilate(mask: Uint8Array, size: Size, reach: number): Uint8Array {
  return inverse(erode(inverse(mask), size, reach));
}

/** 1 where a mask of zeros and ones is 0, and 0 where it is 1. */
export function inverse(mask: Uint8Array): Uint8Array {
  const result = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) result[i] = 1 - mask[i];
  return result;
}
