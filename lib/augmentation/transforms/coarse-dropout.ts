import { z } from 'zod/v4';
import { rangeOf } from '../fields';
import { type Hole, cover, holeSchema } from '../holes';
import type { Random } from '../random';
import type { Transform } from '../types';

const side = () => rangeOf(z.number().min(0.01).max(0.9), [0.06, 0.14], 'a share of the side');

const asked = z.strictObject({
  holes: rangeOf(z.int().min(1).max(32), [1, 2], 'a whole number'),
  width: side(),
  height: side(),
});
const drawn = z.strictObject({ holes: z.array(holeSchema) });

/** Rectangles of one colour hide parts of the picture. */
export const coarseDropout: Transform<z.output<typeof asked>, z.output<typeof drawn>> = {
  asked,
  drawn,
  danger: 'Hides parts of the product, which the mask then leaves out.',
  draw: ({ holes, width, height }, random, size) => ({
    holes: Array.from({ length: random.whole(...holes) }, (): Hole => {
      const wide = Math.max(1, Math.floor(size.width * random.uniform(...width)));
      const high = Math.max(1, Math.floor(size.height * random.uniform(...height)));
      const [x, y] = [random.whole(0, size.width - wide), random.whole(0, size.height - high)];
      return { box: [x, y, wide, high], color: anyColor(random) };
    }),
  }),
  effects: ({ holes }, size) => cover(holes, size),
};

/** So that no one colour comes to stand for what is hidden. */
export function anyColor(random: Random): [number, number, number] {
  return [random.whole(0, 255), random.whole(0, 255), random.whole(0, 255)];
}
