import { defineTransform, odd } from '../fields';

/** Each value becomes the median of a square of `size` pixels around it. */
export const medianBlur = defineTransform(
  { size: odd(3, 15, [3, 3]) },
  {
    danger: 'From 5 pixels on small print cannot be read.',
    effects: ({ size }) => [
      {
        kind: 'pass',
        run({ arena, width, height }, from, to) {
          const radius = size >> 1;
          const stride = (width + 2 * radius) * 3;
          const padded = arena.take(stride * (height + 2 * radius));
          arena.kernels.pad(from, width, height, 3, radius, 1, padded);
          const first = padded + radius * stride + radius * 3;
          arena.kernels.median(first, stride, width * 3, height, radius, to);
        },
      },
    ],
  },
);
