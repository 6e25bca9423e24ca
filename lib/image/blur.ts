import { sharedArena } from '../kernels';

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
  const out = new Float32Array(plane.length);
  if (!out.length) return out;
  const across = inverseWeights(width, box);
  const down = inverseWeights(height, box);
  for (let pass = 0; pass < passes; pass++) {
    blurRows(pass ? out : plane, out, width, height, box, across);
    blurColumns(out, width, height, box, down);
  }
  return out;
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

/** Rows, and columns, that are worked on at a time, so that not all of a picture has to lie beside the kernels. */
const ROWS = 64;
const COLUMNS = 256;

function blurRows(
  from: Plane,
  to: Float32Array,
  width: number,
  height: number,
  { radius, edge }: Box,
  inverse: Float64Array,
): void {
  const arena = sharedArena();
  arena.scope(() => {
    const scales = arena.put(inverse);
    const size = width * Math.min(ROWS, height);
    const [source, blurred] = [arena.take(size * 4), arena.take(size * 4)];
    for (let top = 0; top < height; top += ROWS) {
      const rows = from.subarray(top * width, (top + ROWS) * width);
      arena.floats(source, rows.length).set(rows);
      arena.kernels.blurRows(source, blurred, width, rows.length / width, radius, edge, scales);
      to.set(arena.floats(blurred, rows.length), top * width);
    }
  });
}

/** In place. */
function blurColumns(
  plane: Float32Array,
  width: number,
  height: number,
  { radius, edge }: Box,
  inverse: Float64Array,
): void {
  const arena = sharedArena();
  arena.scope(() => {
    const scales = arena.put(inverse);
    // The kernel takes four at a time.
    const stride = Math.min(COLUMNS, Math.ceil(width / 4) * 4);
    const [source, blurred] = [arena.take(stride * height * 4), arena.take(stride * height * 4)];
    const [before, after] = [source, blurred].map((at) => arena.floats(at, stride * height));
    for (let left = 0; left < width; left += stride) {
      const right = Math.min(width, left + stride);
      for (let y = 0; y < height; y++)
        before.set(plane.subarray(y * width + left, y * width + right), y * stride);
      arena.kernels.blurColumns(source, blurred, stride, height, radius, edge, scales);
      for (let y = 0; y < height; y++)
        plane.set(after.subarray(y * stride, y * stride + right - left), y * width + left);
    }
  });
}
