import { clahe as equalize } from '../../image';
import { defineTransform, uniform } from '../fields';
import { LAB_TABLES, RGB_TABLES } from '../lab';

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
          const plane = equalize(arena.bytes(l, pixels), width, height, clip);
          arena.bytes(l, pixels).set(plane);
          arena.kernels.fromLab(to, pixels, back, l, a, b);
        },
      },
    ],
  },
);
