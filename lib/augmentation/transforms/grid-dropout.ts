import { z } from 'zod/v4';
import { rangeOf, whole } from '../fields';
import { type Hole, cover, holeSchema } from '../holes';
import type { Transform } from '../types';
import { anyColor } from './coarse-dropout';

const cells = () => whole(2, 64, [8, 12]).range!;

const asked = z.strictObject({
  columns: cells(),
  rows: cells(),
  /** Of a cell's side. */
  ratio: rangeOf(z.number().min(0.05).max(0.95), [0.15, 0.3], 'a number'),
});
const drawn = z.strictObject({ holes: z.array(holeSchema) });

/** In each cell of a grid a part is hidden, somewhere in it. */
export const gridDropout: Transform<z.output<typeof asked>, z.output<typeof drawn>> = {
  asked,
  drawn,
  danger: 'Hides parts of the product, which the mask then leaves out: the square of the ratio.',
  draw({ columns, rows, ratio }, random, { width, height }) {
    const [across, down] = [random.whole(...columns), random.whole(...rows)];
    const share = random.uniform(...ratio);
    const color = anyColor(random);
    const [xs, ys] = [edges(width, across), edges(height, down)];
    const holes: Hole[] = [];
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        const [left, wide] = part(xs[column], xs[column + 1]);
        const [top, high] = part(ys[row], ys[row + 1]);
        if (wide > 0 && high > 0) holes.push({ box: [left, top, wide, high], color });
      }
    }
    return { holes };

    function part(from: number, to: number): [at: number, length: number] {
      const length = Math.min(to - from, Math.max(1, Math.floor((to - from) * share)));
      return [random.whole(from, to - length), length];
    }
  },
  effects: ({ holes }, size) => cover(holes, size),
};

/** Where the cells of a side begin, and where the last one ends. */
function edges(length: number, cells: number): number[] {
  return Array.from({ length: cells + 1 }, (_, cell) => Math.floor((length * cell) / cells));
}
