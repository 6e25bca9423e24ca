import { z } from 'zod/v4';
import type { Effect, Size } from './types';

const pixels = z.int().min(0);
const level = z.int().min(0).max(255);

/** A rectangle that is painted over: x, y, width and height in pixels, and its colour. */
export const holeSchema = z.strictObject({
  box: z.tuple([pixels, pixels, pixels, pixels]),
  color: z.tuple([level, level, level]),
});
export type Hole = z.output<typeof holeSchema>;

/** Paints rectangles over the picture. What they hide is no longer part of the product. */
export function cover(holes: readonly Hole[], { height }: Size): Effect[] {
  if (!holes.length) return [];
  const rows = Array.from({ length: height }, (_, row) =>
    holes.filter(({ box: [, y, , high] }) => row >= y && row < y + high),
  );
  return [
    {
      kind: 'places',
      prepare:
        ({ arena }) =>
        (at, y) =>
          rows[y].forEach(({ box: [x, , wide], color: [red, green, blue] }) =>
            arena.kernels.fillRow(at + 3 * x, wide, red, green, blue),
          ),
      hide: (alpha, y) => rows[y].forEach(({ box: [x, , wide] }) => alpha.fill(0, x, x + wide)),
    },
  ];
}
