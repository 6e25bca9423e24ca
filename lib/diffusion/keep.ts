import type { Alpha } from '../contracts';
import type { Latents } from '../models';

/** What stays of a picture while everything around it is drawn anew. */
export interface Kept {
  /** The whole picture. */
  latents: Latents;
  /** For each cell of one channel, 1: kept, 0: drawn. */
  cells: Uint8Array;
}

/** A pixel that is at least half product. */
const PRODUCT = 128;

/** Brings a mask to the cells of the latents: a cell that the product touches is the product's. */
export function keptCells({ data, width, height }: Alpha, cell: number): Uint8Array {
  const columns = width / cell;
  const cells = new Uint8Array(columns * (height / cell));
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(y / cell) * columns;
    for (let x = 0; x < width; x++, at++) if (data[at] >= PRODUCT) cells[row + Math.floor(x / cell)] = 1;
  }
  return cells;
}

/** Puts what is kept back into latents that were drawn, both with the noise of the same level. */
export function putBack(drawn: Float32Array, kept: Float32Array, cells: Uint8Array): Float32Array {
  return drawn.map((value, at) => (cells[at % cells.length] ? kept[at] : value));
}
