import { defineTransform, seed, uniform } from '../fields';
import { QUANTILES, poisson } from '../quantiles';
import { rowSeed } from '../random';

const GAMMA = 2.2;

/** Photons arrive by chance: linear light of 1 is 1 / `scale` of them on average. */
export const shotNoise = defineTransform(
  { scale: uniform(0.0001, 1, [0.0005, 0.004]), seed: seed() },
  {
    effects: ({ scale, seed: from }) => [
      {
        kind: 'places',
        prepare({ arena, width }) {
          const table = arena.put(valueTable(scale));
          return (row, y) => arena.kernels.drawValues(row, width, table, rowSeed(from, y));
        },
      },
    ],
  },
);

/** For each level the quantiles of what becomes of it. */
function valueTable(scale: number): Uint8Array {
  const table = new Uint8Array(256 * QUANTILES);
  for (let level = 0; level < 256; level++) {
    const light = (level / 255) ** GAMMA;
    const start = level * QUANTILES;
    table.fill(level, start, start + QUANTILES);
    poisson(light / scale + 1e-6, (events, low, high) => {
      const value = Math.min(1, events * scale) ** (1 / GAMMA);
      table.fill(Math.round(value * 255), start + Math.round(low * QUANTILES), start + Math.round(high * QUANTILES));
    });
  }
  return table;
}
