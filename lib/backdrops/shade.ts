import type { Light, RgbImage } from '../contracts';
import { Cells } from './floor';
import { groundOf } from './ground';
import type { Size } from './place';
import { shadowOf } from './shadow';
import { type Plane, type Shape, silhouetteOf } from './silhouette';

/** Exponent that brings a share of linear light near the share of its sRGB level. */
const TO_LEVELS = 1 / 2.2;

/** What a product leaves of the levels of the floor that it stands on. */
export interface Shade {
  /** 0..1, in cells. */
  plane: Plane;
  /** Pixels of the frame in a cell's side. */
  step: number;
}

/**
 * The shadows of a product, for frames in which they need not be drawn in linear light.
 * @param cells of the frame's longer side, at most: few are quick
 */
export function shadeOf(product: Shape, frame: Size, light: Light, cells: number): Shade {
  const shape = silhouetteOf(product, frame, cells);
  const { data, width, height } = shadowOf(shape, groundOf(shape), light);
  return { plane: { data: data.map((left) => left ** TO_LEVELS), width, height }, step: shape.step };
}

/** Darkens a picture of the frame's size, in place. */
export function layShade({ data, width, height }: RgbImage, { plane, step }: Shade): void {
  const cells = new Cells(width, step, plane.width);
  for (let y = 0; y < height; y++) {
    const { line, first, share } = cells.row(plane, y);
    const { from, to } = cells.span(line, 1);
    for (let x = from, at = (y * width + from) * 3; x < to; x++, at += 3) {
      const left = line[first[x]];
      const light = left + (line[first[x] + 1] - left) * share[x];
      data[at] = data[at] * light + 0.5;
      data[at + 1] = data[at + 1] * light + 0.5;
      data[at + 2] = data[at + 2] * light + 0.5;
    }
  }
}
