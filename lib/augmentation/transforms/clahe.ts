import { defineTransform, uniform } from '../fields';
import { LAB_TABLES, RGB_TABLES } from '../lab';

const TILES = 8;

/** Contrast of each of 8 x 8 tiles, as far as `clip` times a flat histogram allows, on L of 8-bit Lab. */
export const clahe = defineTransform(
  { clip: uniform(1, 40, [1, 1.5]) },
  {
    danger: 'From a clip of about 2 on plain surfaces become blotchy.',
    effects: ({ clip }) => [
      {
        kind: 'pass',
        run({ arena, width, height }, from, to) {
          const pixels = width * height;
          const [l, a, b] = [0, 1, 2].map(() => arena.take(pixels));
          const [there, back] = [arena.put(LAB_TABLES), arena.put(RGB_TABLES)];
          arena.kernels.toLab(from, pixels, there, l, a, b);
          const [wide, high] = tileSize(width, height);
          const most = Math.max(1, Math.floor((clip * wide * high) / 256));
          const [tables, bins, columns] = [TILES * TILES * 256, 1024, 12 * width].map((room) =>
            arena.take(room),
          );
          arena.kernels.equalize(l, width, height, wide, high, most, tables, bins, columns);
          arena.kernels.fromLab(to, pixels, back, l, a, b);
        },
      },
    ],
  },
);

/** As OpenCV pads: a side that divides into tiles gets one more row of them where the other one does not divide. */
function tileSize(width: number, height: number): [number, number] {
  if (width % TILES === 0 && height % TILES === 0) return [width / TILES, height / TILES];
  return [Math.floor(width / TILES) + 1, Math.floor(height / TILES) + 1];
}
