import type { BoundingBox, RgbImage } from '../../../contracts';
import { LINEAR } from '../../../image';

/** Every so manieth pixel is looked at. */
const STEP = 7;

/** The mean light of what is around a place. */
export interface Around {
  /** Linear, 0..1. */
  linear: [number, number, number];
  /** sRGB, 0..255. */
  levels: [number, number, number];
}

/** Looks at a background where a product will stand, and as far around it as it is wide and high. */
export function lightAround({ data, width, height }: RgbImage, [x, y, across, down]: BoundingBox): Around {
  const [left, right] = [x - across / 2, x + 1.5 * across].map((at) => within(at, width));
  const [top, bottom] = [y - down / 2, y + 1.5 * down].map((at) => within(at, height));
  const linear: Around['linear'] = [0, 0, 0];
  const levels: Around['levels'] = [0, 0, 0];
  let count = 0;
  for (let row = top; row <= bottom; row += STEP) {
    for (let column = left; column <= right; column += STEP, count++) {
      const at = (row * width + column) * 3;
      for (let c = 0; c < 3; c++) {
        levels[c] += data[at + c];
        linear[c] += LINEAR[data[at + c]];
      }
    }
  }
  for (let c = 0; c < 3; c++) {
    levels[c] /= count;
    linear[c] /= count;
  }
  return { linear, levels };
}

function within(at: number, length: number): number {
  return Math.min(length - 1, Math.max(0, Math.round(at)));
}
