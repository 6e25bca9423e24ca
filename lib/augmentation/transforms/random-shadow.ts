import { z } from 'zod/v4';
import { rangeOf } from '../fields';
import { spansOf } from '../polygon';
import type { Effect, Transform } from '../types';

const share = z.number().min(0).max(1);
const asked = z.strictObject({
  shadows: rangeOf(z.int().min(1).max(8), [1, 2], 'a whole number'),
  corners: rangeOf(z.int().min(3).max(12), [4, 5], 'a whole number'),
  /** How much of the light is gone. */
  intensity: rangeOf(share, [0.1, 0.3], 'a number'),
  /** The rows that shadows may lie in, as shares of the height. */
  rows: rangeOf(share, [0.5, 1], 'a share of the height'),
});
const drawn = z.strictObject({
  shadows: z.array(
    z.strictObject({ corners: z.array(z.tuple([z.int(), z.int()])).min(3), intensity: share }),
  ),
});

/** Polygons lie in the shadow of something. */
export const randomShadow: Transform<z.output<typeof asked>, z.output<typeof drawn>> = {
  asked,
  drawn,
  draw: ({ shadows, corners, intensity, rows }, random, { width, height }) => ({
    shadows: Array.from({ length: random.whole(...shadows) }, () => {
      const [top, low] = rows.map((row) => Math.floor(row * (height - 1)));
      const points = Array.from({ length: random.whole(...corners) }, (): [number, number] => [
        random.whole(0, width - 1),
        random.whole(top, low),
      ]);
      return { corners: inTurn(points), intensity: Number(random.uniform(...intensity).toPrecision(6)) };
    }),
  }),
  effects: ({ shadows }, size) =>
    shadows.map(({ corners, intensity }) => shade(spansOf(corners, size), intensity)),
};

/** Around their middle, so that no edge crosses another one. */
function inTurn(corners: [number, number][]): [number, number][] {
  const middle = [0, 1].map(
    (axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length,
  );
  const angle = ([x, y]: [number, number]) => Math.atan2(y - middle[1], x - middle[0]);
  return corners.sort((a, b) => angle(a) - angle(b));
}

function shade(spans: ReturnType<typeof spansOf>, intensity: number): Effect {
  return {
    kind: 'places',
    prepare({ arena }) {
      const table = arena.put(Uint8Array.from({ length: 256 }, (_, level) => level * (1 - intensity)));
      return (at, y) =>
        spans[y].forEach(([from, to]) => arena.kernels.mapAll(at + 3 * from, to - from, table));
    },
  };
}
