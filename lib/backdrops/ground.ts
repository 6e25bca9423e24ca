import { gaussianBlur } from '../image';
import { smoothstep } from './light';
import type { Silhouette } from './silhouette';

/** What ends higher than this above the lowest point does not stand on the floor: shares of the product's height and width. */
const BAND = 0.11;
const BAND_ACROSS = 0.2;
/** How far the floor's line is smoothed, as a share of the product's width. */
const SMOOTH = 0.012;
const OPAQUE = 0.5;

/** Where a product meets its floor. */
export interface Ground {
  /** The line, in cells from the top, on which the middle of the product stands: between the front and the back of its base. */
  middle: number;
  /** Where the floor begins under each column: the front edge of a round base curves below the middle. */
  floor: Float32Array;
  /** How much each column touches it, 0..1. */
  touch: Float32Array;
}

/** Finds the line on which the product stands: the lower edge of what reaches down to its lowest part. */
export function groundOf(shape: Silhouette): Ground {
  const { width, left, right, top, bottom } = shape;
  const band = Math.max(1, Math.min(BAND * (bottom - top), BAND_ACROSS * (right - left)));
  const edges = Array.from({ length: width }, (_, x) => lowerEdge(shape, x));
  let weight = 0;
  let sum = 0;
  for (const edge of edges) {
    const near = edge === undefined ? 0 : Math.max(0, 1 - Math.max(0, bottom - edge) / band);
    weight += near;
    sum += near * (bottom - (edge ?? 0));
  }
  // An ellipse lies 0.21 of its half height above its lowest point on average; about twice that is where its ends turn up.
  const middle = bottom - (weight > 0 ? Math.min(band, (2 * sum) / weight) : 0);
  const line = Float32Array.from(edges, (edge = middle) => Math.min(bottom, Math.max(middle, edge)));
  const touch = Float32Array.from(edges, (edge) =>
    edge === undefined ? 0 : 1 - smoothstep(0, 0.6 * band, middle - edge),
  );
  return { middle, floor: gaussianBlur(line, width, 1, SMOOTH * (right - left)), touch };
}

/** Where the lowest opaque cell of a column ends, between two cells. */
function lowerEdge({ data, width, height }: Silhouette, x: number): number | undefined {
  for (let y = height - 1; y >= 0; y--) {
    const value = data[y * width + x];
    if (value < OPAQUE) continue;
    const below = y + 1 < height ? data[(y + 1) * width + x] : 0;
    return y + 1 + below;
  }
  return undefined;
}
