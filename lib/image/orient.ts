import type { Sharp } from 'sharp';

/** For EXIF orientations from 1 on: whether left and right are exchanged first, and quarters of a turn clockwise then. */
const STEPS: readonly (readonly [boolean, number])[] = [
  [false, 0],
  [true, 0],
  [false, 2],
  [true, 2],
  [true, 3],
  [false, 1],
  [true, 1],
  [false, 3],
];

/**
 * Makes a picture upright. sharp mirrors before it turns.
 * @param orientation EXIF 1..8
 */
export function orient(pipeline: Sharp, orientation: number): Sharp {
  const [mirrored, quarters] = STEPS[orientation - 1];
  return (mirrored ? pipeline.flop() : pipeline).rotate(quarters * 90);
}
