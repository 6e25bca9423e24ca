import { type PlaneLayout, type Samples, chromaSize } from './planes';

/** Steps of 8 bits by which a row has to stand out from both of its neighbours. */
const COMB = 8;

/**
 * Makes one picture of two fields, in place: rows of the second field that stand out from both rows of the first around
 * them were taken at another time, and are interpolated. What does not move stays as sharp as it is.
 */
export function deinterlace(samples: Samples, layout: PlaneLayout): void {
  const small = chromaSize(layout);
  const luma = layout.width * layout.height;
  const chroma = small.width * small.height;
  const threshold = COMB << (layout.depth - 8);
  deinterlacePlane(samples.subarray(0, luma), layout.width, layout.height, threshold);
  deinterlacePlane(samples.subarray(luma, luma + chroma), small.width, small.height, threshold);
  deinterlacePlane(samples.subarray(luma + chroma, luma + 2 * chroma), small.width, small.height, threshold);
}

function deinterlacePlane(plane: Samples, width: number, height: number, threshold: number): void {
  for (let y = 1; y < height; y += 2) {
    const row = y * width;
    const below = y + 1 < height ? width : -width;
    for (let at = row; at < row + width; at++) {
      const over = plane[at - width] - plane[at];
      const under = plane[at + below] - plane[at];
      const isOut = over > 0 === under > 0 && Math.min(Math.abs(over), Math.abs(under)) > threshold;
      if (isOut) plane[at] = (plane[at - width] + plane[at + below] + 1) >> 1;
    }
  }
}
