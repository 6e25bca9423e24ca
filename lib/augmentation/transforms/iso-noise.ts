import { defineTransform, seed, uniform } from '../fields';
import { NORMAL, poissonShare } from '../quantiles';
import { rowSeed } from '../random';
import type { Effect } from '../types';

/** As many lightness shares as 16 random bits choose from. */
const SHARES = 65_536;
/** The deviation of the hue, in degrees, from which on the strongest turn can change a value by half a level. */
const VISIBLE = (0.5 * 60) / 255 / NORMAL[NORMAL.length - 1];

/**
 * A sensor at high sensitivity: lightness (HLS) of single pixels grows, the more the stronger the picture's contrast
 * (Poisson), and hues turn by `color_shift` times `intensity` degrees (normal).
 */
export const isoNoise = defineTransform(
  { intensity: uniform(0, 1, [0.05, 0.15]), color_shift: uniform(0, 180, [0.01, 0.05]), seed: seed() },
  {
    effects: ({ intensity, color_shift, seed: from }) => [
      {
        kind: 'measured',
        measure({ arena, width, height }, picture): Effect[] {
          const sums = arena.take(16);
          arena.kernels.lightness(picture, width * height, sums);
          const [sum, squares] = new Float64Array(arena.bytes(sums, 16).slice().buffer);
          const mean = sum / (width * height);
          const deviation = Math.sqrt(Math.max(0, squares / (width * height) - mean * mean)) / 510;
          return [sensorNoise(deviation * intensity, intensity, color_shift * intensity, from)];
        },
      },
    ],
  },
);

/**
 * @param events mean number of times that a pixel becomes lighter
 * @param gain of what it lacks of white, each time
 * @param turn deviation of the hue, in degrees
 */
function sensorNoise(events: number, gain: number, turn: number, from: number): Effect {
  return {
    kind: 'places',
    prepare({ arena, width }) {
      const shares = new Float32Array(SHARES);
      const share = poissonShare(events);
      for (let count = 1, at = Math.round(share(0) * SHARES); at < SHARES; count++) {
        const to = Math.round(share(count) * SHARES);
        shares.fill(Math.min(1, count * gain), at, to);
        at = to;
      }
      const turns = arena.put(Float32Array.from(NORMAL, (z) => (turn < VISIBLE ? 0 : z * turn)));
      const table = arena.put(shares);
      return (row, y) => arena.kernels.sensorNoise(row, width, turns, table, rowSeed(from, y));
    },
  };
}
