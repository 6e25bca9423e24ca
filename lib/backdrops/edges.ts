import type { Alpha } from '../contracts';
import { boxBlur } from '../image';
import type { Plane, Silhouette } from './silhouette';

/** Variance of the usual softening, as `softenEdges` takes it. */
const SOFTEN = 0.4;
/** How far a scene's light reaches round the product's edge, as a share of the frame's longer side. */
const WRAP_REACH = 0.01;
/** How much of it the edge takes on. */
const WRAP = 0.14;

/**
 * Softens hard edges of a matte, inwards only: what was transparent stays so, since there is no colour of the product.
 * A ramp that is soft already stays as it is.
 * @param side longer side of the frame, in pixels
 * @param variance of the softening in squared pixels, for each 1000 pixels of that side
 */
export function softenEdges({ data, width, height }: Alpha, side: number, variance = SOFTEN): Alpha {
  // Each pass of 1-2-1 adds a variance of one half.
  const passes = Math.max(1, Math.round((variance * side) / 1000 / 0.5));
  const soft = data.slice();
  const line = new Uint8Array(width);
  const above = new Uint8Array(width);
  for (let pass = 0; pass < passes; pass++) {
    for (let y = 0; y < height; y++) {
      const row = soft.subarray(y * width, (y + 1) * width);
      line.set(row);
      for (let x = 1; x < width - 1; x++) row[x] = (line[x - 1] + 2 * line[x] + line[x + 1] + 2) >> 2;
    }
    above.set(soft.subarray(0, width));
    for (let y = 1; y < height - 1; y++) {
      const row = soft.subarray(y * width, (y + 1) * width);
      line.set(row);
      const below = (y + 1) * width;
      for (let x = 0; x < width; x++) row[x] = (above[x] + 2 * row[x] + soft[below + x] + 2) >> 2;
      above.set(line);
    }
  }
  for (let at = 0; at < soft.length; at++) if (soft[at] > data[at]) soft[at] = data[at];
  return { data: soft, width, height };
}

/** How much of the light behind it each cell of the product takes on: most at its edge, nothing inside. */
export function wrapOf({ data, width, height }: Silhouette): Plane {
  const radius = Math.max(1, Math.round(WRAP_REACH * Math.max(width, height)));
  const blurred = boxBlur(data, width, height, radius);
  for (let at = 0; at < blurred.length; at++) {
    blurred[at] = data[at] > 0 ? WRAP * Math.min(1, 2 * Math.max(0, 1 - blurred[at])) : 0;
  }
  return { data: blurred, width, height };
}
