import { defineTransform, uniform } from '../fields';

/** Makes the picture smaller and large again, by nearest neighbours. */
export const downscale = defineTransform(
  { scale: uniform(0.05, 1, [0.6, 0.9]) },
  {
    danger: 'Under about 0.4 small print cannot be read.',
    effects: ({ scale }) => [
      {
        kind: 'pass',
        run({ arena, width, height }, from, to) {
          const columns = arena.put(places(width, scale));
          const rows = places(height, scale);
          const bytes = width * 3;
          rows.forEach((row, y) => {
            if (y > 0 && row === rows[y - 1]) {
              arena.bytes(to, (y + 1) * bytes).copyWithin(y * bytes, (y - 1) * bytes, y * bytes);
            } else arena.kernels.pickRow(from + row * bytes, columns, width, to + y * bytes);
          });
        },
      },
    ],
  },
);

/** Where each pixel of an axis comes from. */
function places(length: number, scale: number): Int32Array {
  const small = Math.max(1, Math.round(length * scale));
  return Int32Array.from({ length }, (_, at) => {
    const between = Math.min(small - 1, Math.floor((at * small) / length));
    return Math.min(length - 1, Math.floor(between / scale));
  });
}
