import { choice, defineTransform, seed, uniform } from '../fields';
import { NORMAL } from '../quantiles';
import { rowSeed } from '../random';

/** Adds noise of a normal distribution to each value; `deviation` is a share of 255, `color: shared` makes it grey. */
export const gaussNoise = defineTransform(
  {
    deviation: uniform(0, 1, [0.005, 0.02]),
    mean: uniform(-1, 1, [0, 0]),
    color: choice(['each', 'shared'], 'each'),
    seed: seed(),
  },
  {
    effects: ({ deviation, mean, color, seed: from }) => [
      {
        kind: 'places',
        prepare({ arena, width }) {
          const levels = Int16Array.from(NORMAL, (z) => Math.trunc((mean + z * deviation) * 255));
          const table = arena.put(levels);
          const shared = Number(color === 'shared');
          return (row, y) => arena.kernels.addNoise(row, width, table, rowSeed(from, y), shared);
        },
      },
    ],
  },
);
