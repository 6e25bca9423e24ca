import type { Alpha } from '../../contracts';

/** The extremes of a matte over square blocks. */
export interface Blocks {
  /** Side of a block in pixels; those at the right and bottom may be cut off. */
  side: number;
  columns: number;
  rows: number;
  /** Lowest and highest alpha of each block, 0..255. */
  low: Uint8Array;
  high: Uint8Array;
}

/** Looks through a matte block by block. */
export function blocksOf({ data, width, height }: Alpha, side: number): Blocks {
  const columns = Math.ceil(width / side);
  const rows = Math.ceil(height / side);
  const low = new Uint8Array(columns * rows).fill(255);
  const high = new Uint8Array(columns * rows);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / side) * columns;
    for (let column = 0, x = 0; column < columns; column++) {
      const end = y * width + Math.min(width, x + side);
      let least = low[row + column];
      let most = high[row + column];
      for (let at = y * width + x; at < end; at++) {
        const value = data[at];
        if (value < least) least = value;
        if (value > most) most = value;
      }
      low[row + column] = least;
      high[row + column] = most;
      x += side;
    }
  }
  return { side, columns, rows, low, high };
}

/** Highest value of each block and its neighbours up to `reach` blocks away. */
export function highest(values: Uint8Array, columns: number, rows: number, reach: number): Uint8Array {
  const across = new Uint8Array(values.length);
  const out = new Uint8Array(values.length);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const last = Math.min(columns - 1, x + reach);
      let most = 0;
      for (let nx = Math.max(0, x - reach); nx <= last; nx++) most = Math.max(most, values[y * columns + nx]);
      across[y * columns + x] = most;
    }
  }
  for (let y = 0; y < rows; y++) {
    const last = Math.min(rows - 1, y + reach);
    for (let x = 0; x < columns; x++) {
      let most = 0;
      for (let ny = Math.max(0, y - reach); ny <= last; ny++) most = Math.max(most, across[ny * columns + x]);
      out[y * columns + x] = most;
    }
  }
  return out;
}
