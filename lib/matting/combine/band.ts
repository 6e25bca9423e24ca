import { boxBlur } from '../../image';
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
  const hard = new Uint8Array(matte.length);
  for (let i = 0; i < hard.length; i++) if (matte[i] > 0.5) hard[i] = 1;
  const share = boxBlur(hard, width, height, reach);
  const found = new Int32Array(matte.length);
  let count = 0;
  for (let i = 0; i < matte.length; i++) {
    const near = share[i] > 1e-4 && share[i] < 1 - 1e-4;
    if (near || (matte[i] > UNDECIDED && matte[i] < 1 - UNDECIDED)) found[count++] = i;
  }
  return found.slice(0, count);
}
