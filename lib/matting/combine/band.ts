import { sharedArena } from '../../kernels';
import type { Size } from '../squares';

/** Levels (0..1) between which a network is undecided. */
const UNDECIDED = 0.1;

/**
 * The pixels that an edge may run through: those that have product and ground in the square of `2 * reach + 1` pixels
 * around them, and those that the network is undecided about.
 * @param matte 0..1
 * @param reach pixels to either side of the edge
 * @returns their indices in ascending order
 */
export function bandOf(matte: Float32Array, { width, height }: Size, reach: number): Int32Array {
  const arena = sharedArena();
  return arena.scope(() => {
    const { length } = matte;
    const [values, near, list] = [
      arena.put(matte),
      arena.put(new Uint8Array(length)),
      arena.take(length * 4),
    ];
    arena.kernels.markEdges(values, width, height, reach, near);
    const count = arena.kernels.listBand(values, near, length, UNDECIDED, 1 - UNDECIDED, list);
    return arena.integers(list, count).slice();
  });
}
