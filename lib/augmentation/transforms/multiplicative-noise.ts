import { choice, defineTransform, seed, uniform } from '../fields';
import { QUANTILES } from '../quantiles';
import { Random, rowSeed } from '../random';
import { tablesOf } from '../tables';

/** Multiplies values with numbers up to `strength` away from 1: one for all, one a channel, one a pixel or one a value. */
export const multiplicativeNoise = defineTransform(
  {
    strength: uniform(0, 1, [0.02, 0.06]),
    per: choice(['picture', 'channel', 'pixel', 'value'], 'value'),
    seed: seed(),
  },
  {
    danger: 'A factor a channel beyond about 0.05 recolours the brand.',
    effects: ({ strength, per, seed: from }) => {
      const [low, high] = [1 - strength, 1 + strength];
      if (per === 'picture' || per === 'channel') {
        const random = new Random(from);
        const first = random.uniform(low, high);
        const factors = [first, random.uniform(low, high), random.uniform(low, high)];
        return [multiplyChannels(per === 'picture' ? [first, first, first] : factors)];
      }
      return [
        {
          kind: 'places',
          prepare({ arena, width }) {
            const table = arena.put(
              Float32Array.from(
                { length: QUANTILES },
                (_, at) => low + ((high - low) * (at + 0.5)) / QUANTILES,
              ),
            );
            const shared = Number(per === 'pixel');
            return (row, y) => arena.kernels.multiplyNoise(row, width, table, rowSeed(from, y), shared);
          },
        },
      ];
    },
  },
);

/** Factors of red, green and blue. */
export function multiplyChannels(factors: readonly number[]) {
  return tablesOf(factors.map((factor) => (level: number) => level * factor));
}
