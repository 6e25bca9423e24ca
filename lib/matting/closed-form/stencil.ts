/**
 * Two pixels share a 3 x 3 window when they are at most two apart each way, so a row of the matting Laplacian has 25
 * entries. Its matrix is symmetric: kept are the diagonal and the 12 entries of neighbours that come earlier in the
 * picture, row by row.
 */
export const LOWER = 12;

/** How far each of those neighbours lies: `[dx, dy]`, in the order of the picture. */
export const OFFSETS: readonly (readonly [number, number])[] = [
  ...[-2, -1, 0, 1, 2].map((dx) => [dx, -2] as const),
  ...[-2, -1, 0, 1, 2].map((dx) => [dx, -1] as const),
  [-2, 0],
  [-1, 0],
];

/** The place in `OFFSETS` of an offset; -1 where it is not an earlier neighbour. */
export function slot(dx: number, dy: number): number {
  return OFFSETS.findIndex(([x, y]) => x === dx && y === dy);
}

/** The sparse, symmetric, positive definite system L x = b over the unknown pixels, numbered in the picture's order. */
export interface System {
  /** Unknown pixels. */
  size: number;
  diagonal: Float64Array;
  /** `LOWER` entries a row; 0 where there is no such unknown. */
  lower: Float64Array;
  /** Number of the neighbour for each entry of `lower`; `size`, a row that is always 0, where there is none. */
  neighbours: Int32Array;
  right: Float64Array;
  /** Where the unknown pixels lie in the picture. */
  xs: Int32Array;
  ys: Int32Array;
}
