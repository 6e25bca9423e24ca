import { z } from 'zod/v4';
import { rangeOf } from '../fields';
import { type Matrix, invert, toRectangle } from '../matrix';
import type { Size, Transform } from '../types';

/** Corners move in by less than this share of a side. */
const MOST = 0.32;

const asked = z.strictObject({ scale: rangeOf(z.number().min(0).max(0.5), [0.02, 0.05], 'a number') });
const inset = z.number().min(0).max(MOST);
const drawn = z.strictObject({ corners: z.array(z.tuple([inset, inset])).length(4) });

/**
 * Looks from aside: each corner lies a little inside (a normal distribution, its deviation a share of the side), and
 * what they enclose fills the frame.
 */
export const perspective: Transform<z.output<typeof asked>, z.output<typeof drawn>> = {
  asked,
  drawn,
  draw({ scale }, random) {
    const deviation = random.uniform(...scale);
    const share = () => Number((Math.abs(random.normal(0, deviation)) % MOST).toPrecision(6));
    return { corners: [0, 1, 2, 3].map((): [number, number] => [share(), share()]) };
  },
  effects: ({ corners }, size) => [{ kind: 'geometry', matrix: invert(perspectiveMatrix(corners, size)) }],
};

/** Of the picture to the result; corners are left top, right top, right low, left low. */
export function perspectiveMatrix(corners: readonly (readonly [number, number])[], size: Size): Matrix {
  const { width, height } = size;
  const points = corners.map(([x, y], at): [number, number] => [
    (at === 1 || at === 2 ? 1 - x : x) * width,
    (at > 1 ? 1 - y : y) * height,
  ]);
  return toRectangle(points, width, height);
}
