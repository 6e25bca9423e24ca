import { z } from 'zod/v4';
import { rangeOf } from '../fields';
import type { Effect, Transform } from '../types';

const asked = z.strictObject({
  cells: z.int().min(2).max(20).default(5),
  /** By what share cells become wider or narrower. */
  strength: rangeOf(z.number().min(-0.9).max(0.9), [-0.15, 0.15], 'a number'),
});
const widths = z.array(z.number().min(0.05).max(2)).min(3).max(21);
const drawn = z.strictObject({ columns: widths, rows: widths });

/**
 * Columns and rows of a grid become wider and narrower; together they fill the frame as before. A picture of fewer
 * pixels than cells stays as it is.
 */
export const gridDistortion: Transform<z.output<typeof asked>, z.output<typeof drawn>> = {
  asked,
  drawn,
  draw({ cells, strength }, random) {
    // One more than there are cells: pixels are left over where the grid does not divide the side.
    const list = () =>
      Array.from({ length: cells + 1 }, () => Number((1 + random.uniform(...strength)).toPrecision(6)));
    return { columns: list(), rows: list() };
  },
  effects: ({ columns, rows }, { width, height }) =>
    width < columns.length || height < rows.length
      ? []
      : [distortAxes(normalized(columns, width), normalized(rows, height), width, height)],
};

/** Where each pixel of both axes comes from, in widths of a cell as they are in the result. */
export function distortAxes(columns: number[], rows: number[], width: number, height: number): Effect {
  return {
    kind: 'geometry',
    prepare({ arena }) {
      const [across, down] = [places(columns, width), places(rows, height)].map((list) => arena.put(list));
      return (x, y, count) => {
        arena.kernels.lookUp(x, count, across, width);
        arena.kernels.lookUp(y, count, down, height);
      };
    },
  };
}

/** So that the whole side is filled, the rest of it too. */
function normalized(widths: number[], length: number): number[] {
  const cells = widths.length - 1;
  const step = Math.floor(length / cells);
  const rest = Math.min(length, (cells + 1) * step) - cells * step;
  const scaled = widths.map((width, at) => (at === cells ? (width * rest) / step : width));
  const sum = scaled.reduce((total, width) => total + width, 0);
  return scaled.map((width) => (width * length) / step / sum);
}

/** Piecewise linear: each cell ends where the next one begins. */
function places(widths: number[], length: number): Float32Array {
  const step = Math.floor(length / (widths.length - 1));
  const list = new Float32Array(length);
  let from = 0;
  widths.forEach((width, cell) => {
    const to = from + step * width;
    const start = cell * step;
    const count = Math.min(start + step, length) - start;
    for (let at = 0; at < count; at++)
      list[start + at] = count === 1 ? from : from + ((to - from) * at) / (count - 1);
    from = to;
  });
  return list;
}
