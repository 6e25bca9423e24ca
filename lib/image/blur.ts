/** One channel, row-major without padding. */
export type Plane = Float32Array | Uint8Array;

/**
 * Mean over a square of `2 * radius + 1` pixels a side; at the border, over the part of it inside the picture.
 * @param radius whole pixels, 0 and up
 * @returns a new plane, in the units of `plane`
 */
export function boxBlur(plane: Plane, width: number, height: number, radius: number): Float32Array {
  return repeatBox(plane, width, height, { radius, edge: 0 }, 1);
}

/**
 * Gaussian blur by three extended boxes (Gwosdek, Grewenig, Bruhn and Weickert, "Theoretical foundations of
 * Gaussian convolution by extended box filtering", SSVM 2011): exact variance for every sigma, and a cost that
 * does not depend on it. At the border the mean is over the part inside the picture.
 * @param sigma standard deviation in pixels; 0 gives an equal copy
 * @returns a new plane, in the units of `plane`
 */
export function gaussianBlur(plane: Plane, width: number, height: number, sigma: number): Float32Array {
  if (sigma <= 0) return Float32Array.from(plane);
  return repeatBox(plane, width, height, extendedBox(sigma, 3), 3);
}

/** A box of whole weights with a fractional weight `edge` (0..1) on one more pixel at each end. */
interface Box {
  radius: number;
  edge: number;
}

function extendedBox(sigma: number, passes: number): Box {
  const variance = (sigma * sigma) / passes;
  const radius = Math.floor(0.5 * Math.sqrt(12 * variance + 1) - 0.5);
  const edge =
    ((2 * radius + 1) * (radius * (radius + 1) - 3 * variance)) / (6 * (variance - (radius + 1) ** 2));
  return { radius, edge };
}

function repeatBox(plane: Plane, width: number, height: number, box: Box, passes: number): Float32Array {
  let from: Plane = plane;
  const first = new Float32Array(plane.length);
  const second = new Float32Array(plane.length);
  for (let pass = 0; pass < passes; pass++) {
    blurRows(from, first, width, height, box);
    blurColumns(first, second, width, height, box);
    from = second;
  }
  return second;
}

/** One over the sum of the weights that fall inside, for every position of a line. */
function inverseWeights(length: number, { radius, edge }: Box): Float64Array {
  const inverse = new Float64Array(length);
  for (let at = 0; at < length; at++) {
    const inside = Math.min(at + radius, length - 1) - Math.max(at - radius, 0) + 1;
    const ends = (at - radius - 1 >= 0 ? 1 : 0) + (at + radius + 1 < length ? 1 : 0);
    inverse[at] = 1 / (inside + edge * ends);
  }
  return inverse;
}

function blurRows(from: Plane, to: Float32Array, width: number, height: number, box: Box): void {
  const { radius, edge } = box;
  const inverse = inverseWeights(width, box);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let sum = 0;
    for (let x = 0; x < Math.min(radius, width); x++) sum += from[start + x];
    for (let x = 0; x < width; x++) {
      if (x + radius < width) sum += from[start + x + radius];
      if (x > radius) sum -= from[start + x - radius - 1];
      let total = sum;
      if (edge !== 0) {
        const ends =
          (x > radius ? from[start + x - radius - 1] : 0) +
          (x + radius + 1 < width ? from[start + x + radius + 1] : 0);
        total += edge * ends;
      }
      to[start + x] = total * inverse[x];
    }
  }
}

function blurColumns(from: Float32Array, to: Float32Array, width: number, height: number, box: Box): void {
  const { radius, edge } = box;
  const inverse = inverseWeights(height, box);
  const sums = new Float64Array(width);
  for (let y = 0; y < Math.min(radius, height); y++) addRow(sums, from, y * width, width);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    const scale = inverse[y];
    // What comes into the sums with this row, and what has left them.
    const next = (y + radius) * width;
    const above = (y - radius - 1) * width;
    const below = next + width;
    if (edge === 0 && above >= 0 && next < from.length) {
      for (let x = 0; x < width; x++) {
        const sum = sums[x] + from[next + x] - from[above + x];
        sums[x] = sum;
        to[start + x] = sum * scale;
      }
      continue;
    }
    if (next < from.length) addRow(sums, from, next, width);
    if (above >= 0) for (let x = 0; x < width; x++) sums[x] -= from[above + x];
    const edgeAbove = above >= 0 ? edge : 0;
    const edgeBelow = y + radius + 1 < height ? edge : 0;
    if (edgeAbove === 0 && edgeBelow === 0) {
      for (let x = 0; x < width; x++) to[start + x] = sums[x] * scale;
      continue;
    }
    const safeAbove = above >= 0 ? above : start;
    const safeBelow = edgeBelow === 0 ? start : below;
    for (let x = 0; x < width; x++) {
      to[start + x] = (sums[x] + edgeAbove * from[safeAbove + x] + edgeBelow * from[safeBelow + x]) * scale;
    }
  }
}

function addRow(sums: Float64Array, from: Float32Array, start: number, width: number): void {
  for (let x = 0; x < width; x++) sums[x] += from[start + x];
}
