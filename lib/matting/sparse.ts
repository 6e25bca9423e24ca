/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

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

/** 1 for everything within a square of `2 * reach + 1` pixels around what is marked. */
export function dilated(marked: Uint8Array, { width, height }: Size, reach: number): Uint8Array {
  const across = new Uint8Array(marked.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let until = -1;
    for (let x = 0; x < Math.min(reach, width); x++) if (marked[row + x]) until = x + reach;
    for (let x = 0; x < width; x++) {
      if (x + reach < width && marked[row + x + reach]) until = x + 2 * reach;
      if (x <= until) across[row + x] = 1;
    }
  }
  const result = new Uint8Array(marked.length);
  const until = new Int32Array(width).fill(-1);
  for (let y = 0; y < Math.min(reach, height); y++) {
    for (let x = 0; x < width; x++) if (across[y * width + x]) until[x] = y + reach;
  }
  for (let y = 0; y < height; y++) {
    const ahead = (y + reach) * width;
    if (y + reach < height) {
      for (let x = 0; x < width; x++) if (across[ahead + x]) until[x] = y + 2 * reach;
    }
    for (let x = 0; x < width; x++) if (y <= until[x]) result[y * width + x] = 1;
  }
  return result;
}
