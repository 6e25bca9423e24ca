import type { BoundingBox, RgbImage } from '../../contracts';

/** Pixels a side of the cells that detail is summed in. */
const CELL = 16;

/** How much fine detail each part of a picture has: what is left of the picture when any part may be asked for. */
export interface Detail {
  /** Cells of a row, and of a column. */
  columns: number;
  rows: number;
  /** Of the Laplacian in each cell, grey levels: how many values, their sum and that of their squares. */
  counts: Float32Array;
  sums: Float32Array;
  squares: Float32Array;
}

export function detailOf({ data, width, height }: RgbImage): Detail {
  const [columns, rows] = [Math.ceil(width / CELL), Math.ceil(height / CELL)];
  const [counts, sums, squares] = [0, 1, 2].map(() => new Float32Array(columns * rows));
  const grey = new Float32Array(width * height);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3)
    grey[i] = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  for (let y = 1; y < height - 1; y++) {
    const row = Math.floor(y / CELL) * columns;
    for (let column = 0; column < columns; column++) {
      const first = y * width + Math.max(1, column * CELL);
      const end = y * width + Math.min(width - 1, (column + 1) * CELL);
      let [sum, square] = [0, 0];
      for (let i = first; i < end; i++) {
        const value = 4 * grey[i] - grey[i - 1] - grey[i + 1] - grey[i - width] - grey[i + width];
        sum += value;
        square += value * value;
      }
      counts[row + column] += Math.max(0, end - first);
      sums[row + column] += sum;
      squares[row + column] += square;
    }
  }
  return { columns, rows, counts, sums, squares };
}

/**
 * The variance of a picture's Laplacian, in grey levels squared.
 * @param box the part that is meant, which is taken by whole cells; left out: all of it
 */
export function sharpnessOf({ columns, rows, counts, sums, squares }: Detail, box?: BoundingBox): number {
  const [x, y, width, height] = box ?? [0, 0, columns * CELL, rows * CELL];
  const right = Math.min(columns, Math.ceil((x + width) / CELL));
  const bottom = Math.min(rows, Math.ceil((y + height) / CELL));
  let [count, sum, square] = [0, 0, 0];
  for (let row = Math.floor(y / CELL); row < bottom; row++) {
    for (let at = row * columns + Math.floor(x / CELL); at < row * columns + right; at++) {
      count += counts[at];
      sum += sums[at];
      square += squares[at];
    }
  }
  return count ? square / count - (sum / count) ** 2 : 0;
}
