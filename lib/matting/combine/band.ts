import type { Size } from '../squares';

/** Levels (0..1) between which a network is undecided. */
const UNDECIDED = 0.1;

/**
 * The pixels that an edge may run through: those near the matte's own edge, and those that it is undecided about.
 * @param matte 0..1
 * @param reach pixels to either side of the edge
 * @returns their indices in ascending order
 */
export function bandOf(matte: Float32Array, { width, height }: Size, reach: number): Int32Array {
  const near = nearEdges(matte, { width, height }, reach);
  const found = new Int32Array(matte.length);
  let count = 0;
  for (let i = 0; i < matte.length; i++)
    if (near[i] || (matte[i] > UNDECIDED && matte[i] < 1 - UNDECIDED)) found[count++] = i;
  return found.slice(0, count);
}

/** 1 for each pixel that has product and ground in the square of `2 * reach + 1` pixels around it. */
function nearEdges(matte: Float32Array, { width, height }: Size, reach: number): Uint8Array {
  const near = new Uint8Array(matte.length);
  // A square has both just where it has two neighbours that differ.
  const mark = (left: number, right: number, top: number, bottom: number) => {
    const from = Math.max(0, left);
    const to = Math.min(width, right + 1);
    for (let y = Math.max(0, top); y <= Math.min(height - 1, bottom); y++)
      near.fill(1, y * width + from, y * width + to);
  };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const isProduct = matte[i] > 0.5;
      if (x + 1 < width && matte[i + 1] > 0.5 !== isProduct)
        mark(x + 1 - reach, x + reach, y - reach, y + reach);
      if (y + 1 < height && matte[i + width] > 0.5 !== isProduct)
        mark(x - reach, x + reach, y + 1 - reach, y + reach);
    }
  }
  return near;
}
