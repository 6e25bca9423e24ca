import type { Size } from './place';
import type { Backdrop, Light3 } from './types';

const CELLS = 40;

/** A backdrop in a few large cells: what light comes from where. */
export interface Surroundings {
  /** Mean linear light of each cell, interleaved. */
  data: Float32Array;
  columns: number;
  rows: number;
  /** Mean linear light of all. */
  mean: Light3;
}

/** Looks at some rows of a backdrop; they must have been drawn without the product. */
export function surroundingsOf(backdrop: Backdrop, { width, height }: Size): Surroundings {
  const [columns, rows] = [Math.min(CELLS, width), Math.min(CELLS, height)];
  const data = new Float32Array(columns * rows * 3);
  const row = new Float32Array(width * 3);
  const mean: Light3 = [0, 0, 0];
  for (let cellY = 0; cellY < rows; cellY++) {
    backdrop.paint(Math.floor(((cellY + 0.5) * height) / rows), row);
    for (let cellX = 0; cellX < columns; cellX++) {
      const from = Math.floor((cellX * width) / columns);
      const to = Math.max(from + 1, Math.floor(((cellX + 1) * width) / columns));
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let x = from; x < to; x++) sum += row[x * 3 + c];
        const value = sum / (to - from);
        data[(cellY * columns + cellX) * 3 + c] = value;
        mean[c] += value / (columns * rows);
      }
    }
  }
  return { data, columns, rows, mean };
}

/** The light of the cell at a place given as shares of the frame. */
export function lightAt({ data, columns, rows }: Surroundings, x: number, y: number): Light3 {
  const column = Math.min(columns - 1, Math.max(0, Math.floor(x * columns)));
  const row = Math.min(rows - 1, Math.max(0, Math.floor(y * rows)));
  const at = (row * columns + column) * 3;
  return [data[at], data[at + 1], data[at + 2]];
}
