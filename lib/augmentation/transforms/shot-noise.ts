import { defineTransform, seed, uniform } from '../fields';
import { QUANTILES, poissonShare } from '../quantiles';
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
  // So many photons at most make a value, or a darker one.
  const most = Array.from(
    { length: 255 },
    (_, value) => Math.ceil(((value + 0.5) / 255) ** GAMMA / scale) - 1,
  );
  for (let level = 0; level < 256; level++) {
    const share = poissonShare((level / 255) ** GAMMA / scale + 1e-6);
    const start = level * QUANTILES;
    let from = 0;
    for (let value = 0; value < 256 && from < QUANTILES; value++) {
      const to = value === 255 ? QUANTILES : Math.round(share(most[value]) * QUANTILES);
      if (to > from) table.fill(value, start + from, start + to);
      from = Math.max(from, to);
    }
  }
  return table;
}
