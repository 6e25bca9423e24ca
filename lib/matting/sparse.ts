import type { Size } from './squares';

/** The pixels of a grid that take part in something, in the order of the grid. */
export interface Sparse extends Size {
  /** Number of each pixel of the grid; -1 where it takes no part. */
  numbers: Int32Array;
  /** Where those that take part lie, as `y * width + x`. */
  places: Int32Array;
}

/** @param marked not 0 where a pixel takes part */
export function sparse(marked: Uint8Array, { width, height }: Size): Sparse {
  const numbers = new Int32Array(marked.length).fill(-1);
  let count = 0;
  for (let i = 0; i < marked.length; i++) if (marked[i]) numbers[i] = count++;
  const places = new Int32Array(count);
  for (let i = 0; i < marked.length; i++) if (marked[i]) places[numbers[i]] = i;
  return { width, height, numbers, places };
}
