import { defineTransform, uniform } from '../fields';
import { type Matrix, invert, multiply, translation } from '../matrix';
import type { Size } from '../types';

const RADIANS = Math.PI / 180;
const shift = () => uniform(-1, 1, [-0.05, 0.05]);
const shear = () => uniform(-60, 60, [0, 0]);

/** What is drawn of `affine`. */
export interface AffineParameters {
  /** Shares of width and height. */
  shift_x: number;
  shift_y: number;
  scale: number;
  /** Degrees, against the clock. */
  rotate: number;
  /** Degrees. */
  shear_x: number;
  shear_y: number;
}

/** Shifts, scales, rotates and shears around the centre. */
export const affine = defineTransform(
  {
    shift_x: shift(),
    shift_y: shift(),
    scale: uniform(0.05, 10, [0.9, 1.1]),
    rotate: uniform(-180, 180, [-8, 8]),
    shear_x: shear(),
    shear_y: shear(),
  },
  { effects: (drawn, size) => [{ kind: 'geometry', matrix: invert(affineMatrix(drawn, size)) }] },
);

/** Of the picture to the result: scaled first, then rotated, sheared and shifted, by whole pixels. */
export function affineMatrix(drawn: AffineParameters, { width, height }: Size): Matrix {
  const { scale, shear_x, shear_y } = drawn;
  const [x, y] = [width / 2 - 0.5, height / 2 - 0.5];
  const [cos, sin] = [Math.cos(drawn.rotate * RADIANS), Math.sin(drawn.rotate * RADIANS)];
  return multiply(
    translation(x + Math.trunc(drawn.shift_x * width), y + Math.trunc(drawn.shift_y * height)),
    [1, -Math.tan(shear_x * RADIANS), 0, -Math.tan(shear_y * RADIANS), 1, 0, 0, 0, 1],
    [cos, sin, 0, -sin, cos, 0, 0, 0, 1],
    [scale, 0, 0, 0, scale, 0, 0, 0, 1],
    translation(-x, -y),
  );
}
