import { type Alpha, type BoundingBox, type RgbImage, throwIfAborted } from '../contracts';
import { type Sparse, sparse } from './sparse';
import { type Size, dilate } from './squares';

/** Side in pixels of the smallest blocks. */
export const BLOCK = 2;
/** Blocks around soft ones that take part. */
const REACH = 16;
/** Weights are this power of alpha and of what it lacks to 1: nearly opaque and nearly hidden pixels count. */
const PURITY = 16;
const WEIGHTS = Float32Array.from({ length: 256 }, (_, value) => (value / 255) ** PURITY);
/** What the next larger block weighs, beside the weights of pixels from 0 to 1. */
const LARGER = 0.03;
/** The weight of a block itself in a blur over three. */
const CENTRE = 6;
/** Per block: weight, weighted r, g, b and mean square of the product, and the same of the backdrop. */
const SUMS = 10;
/** Per block: r, g, b and variance of the product, and the same of the backdrop, in levels of 0..255. */
export const VALUES = 8;

/** What is around each block of 2 x 2 pixels that holds a soft one, or is near one. */
export interface Surroundings extends Sparse {
  /** `VALUES` for each block that takes part; those of blocks that hold no soft pixel nor touch one that does are 0. */
  values: Float32Array;
}

interface Level extends Sparse {
  /** Behind those of the blocks that take part there are the zeros of one that takes none. */
  sums: Float32Array;
  /** As `values`, but with mean squares in place of variances. */
  means: Float32Array;
  /** 1 for the blocks whose means are asked for. */
  wanted: Uint8Array;
}

/**
 * The colours of product and backdrop around every soft pixel, and how much they vary, from pixels that are one or the
 * other. A pyramid of blocks, each level blurred a little: a block takes the mean of its own pixels and, as far as they
 * say nothing, that of the larger block around it (pull-push; S. Gortler et al., "The lumigraph", SIGGRAPH 1996).
 * @param box holds every pixel that is not hidden
 * @returns undefined when no pixel is soft
 * @throws VitrineError CANCELLED
 */
export function surroundings(
  image: RgbImage,
  alpha: Alpha,
  box: BoundingBox,
  signal?: AbortSignal,
): Surroundings | undefined {
  const first = smallest(image, alpha, box);
  if (!first) return undefined;
  const levels = [first];
  while (levels[0].width > 1 || levels[0].height > 1) {
    if (signal) throwIfAborted(signal);
    levels.unshift(pull(levels[0]));
  }
  levels.forEach((level, step) => {
    if (signal) throwIfAborted(signal);
    push(level, levels[step - 1]);
  });
  const values = first.means;
  for (let at = 0; at < values.length; at += 4) {
    const [red, green, blue] = [values[at], values[at + 1], values[at + 2]];
    values[at + 3] = Math.max(0, values[at + 3] - (red * red + green * green + blue * blue) / 3);
  }
  return { ...first, values };
}

function smallest(image: RgbImage, alpha: Alpha, box: BoundingBox): Level | undefined {
  const { width, height } = image;
  const size = { width: Math.ceil(width / BLOCK), height: Math.ceil(height / BLOCK) };
  const soft = new Uint8Array(size.width * size.height);
  let any = false;
  const [left, top, across, down] = box;
  for (let y = top; y < top + down; y++) {
    const row = (y >> 1) * size.width;
    for (let x = left, i = y * width + left; x < left + across; x++, i++) {
      if (alpha.data[i] === 0 || alpha.data[i] === 255) continue;
      soft[row + (x >> 1)] = 1;
      any = true;
    }
  }
  if (!any) return undefined;
  const level = empty(dilate(soft, size, REACH), size);
  for (let i = 0; i < soft.length; i++) {
    if (!soft[i]) continue;
    const row = Math.floor(i / size.width);
    want(level, (i % size.width) - 1, row - 1, 3);
  }
  for (let n = 0; n < level.places.length; n++) {
    const y = Math.floor(level.places[n] / size.width);
    sumUp(image, alpha, (level.places[n] - y * size.width) * BLOCK, y * BLOCK, level.sums, n * SUMS);
  }
  return level;
}

/** Writes the sums of one of the smallest blocks. */
function sumUp(
  { data, width, height }: RgbImage,
  alpha: Alpha,
  left: number,
  top: number,
  sums: Float32Array,
  to: number,
): void {
  let [front, frontRed, frontGreen, frontBlue, frontSquare] = [0, 0, 0, 0, 0];
  let [back, backRed, backGreen, backBlue, backSquare] = [0, 0, 0, 0, 0];
  const bottom = Math.min(height, top + BLOCK);
  const right = Math.min(width, left + BLOCK);
  const share = 1 / ((bottom - top) * (right - left));
  for (let y = top; y < bottom; y++) {
    for (let i = y * width + left; i < y * width + right; i++) {
      const product = WEIGHTS[alpha.data[i]];
      const backdrop = WEIGHTS[255 - alpha.data[i]];
      const red = data[i * 3];
      const green = data[i * 3 + 1];
      const blue = data[i * 3 + 2];
      const square = (red * red + green * green + blue * blue) / 3;
      front += product;
      frontRed += product * red;
      frontGreen += product * green;
      frontBlue += product * blue;
      frontSquare += product * square;
      back += backdrop;
      backRed += backdrop * red;
      backGreen += backdrop * green;
      backBlue += backdrop * blue;
      backSquare += backdrop * square;
    }
  }
  sums[to] = share * front;
  sums[to + 1] = share * frontRed;
  sums[to + 2] = share * frontGreen;
  sums[to + 3] = share * frontBlue;
  sums[to + 4] = share * frontSquare;
  sums[to + 5] = share * back;
  sums[to + 6] = share * backRed;
  sums[to + 7] = share * backGreen;
  sums[to + 8] = share * backBlue;
  sums[to + 9] = share * backSquare;
}

function empty(marked: Uint8Array, size: Size): Level {
  const grid = sparse(marked, size);
  const count = grid.places.length;
  return {
    ...grid,
    sums: new Float32Array((count + 1) * SUMS),
    means: new Float32Array((count + 1) * VALUES),
    wanted: new Uint8Array(count),
  };
}

/** Asks for the means of a square of blocks, those that take part. */
function want({ width, height, numbers, wanted }: Level, left: number, top: number, side: number): void {
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + side); x++) {
      const block = numbers[y * width + x];
      if (block >= 0) wanted[block] = 1;
    }
  }
}

/** The level of blocks twice as large: means of those four that take part. */
function pull(finer: Level): Level {
  const { width, height, places, sums, wanted } = finer;
  const size = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const marked = new Uint8Array(size.width * size.height);
  for (let i = 0; i < places.length; i++) {
    const y = Math.floor(places[i] / width);
    marked[(y >> 1) * size.width + ((places[i] - y * width) >> 1)] = 1;
  }
  const level = empty(marked, size);
  const total = new Float64Array(SUMS);
  for (let n = 0; n < level.places.length; n++) {
    const top = Math.floor(level.places[n] / size.width) * 2;
    const left = (level.places[n] % size.width) * 2;
    total.fill(0);
    let count = 0;
    for (let y = top; y < top + 2; y++) count += addRow(finer, sums, SUMS, left, y, 1, 1, 0, total);
    for (let c = 0; c < SUMS; c++) level.sums[n * SUMS + c] = total[c] / count;
  }
  for (let i = 0; i < places.length; i++) {
    if (!wanted[i]) continue;
    const y = Math.floor(places[i] / width);
    // The four that `interpolate` reads.
    want(level, Math.floor((places[i] - y * width - 0.5) / 2), Math.floor((y - 0.5) / 2), 2);
  }
  return level;
}

/** Those means of a level that are asked for, from its own blurred sums and from the level of blocks twice as large. */
function push(level: Level, larger: Level | undefined): void {
  const { width, places, means, wanted } = level;
  const own = new Float64Array(SUMS);
  const theirs = new Float64Array(VALUES);
  for (let n = 0; n < places.length; n++) {
    if (!wanted[n]) continue;
    const y = Math.floor(places[n] / width);
    const x = places[n] - y * width;
    blur(level, x, y, own);
    if (larger) interpolate(larger, x / 2 - 0.25, y / 2 - 0.25, theirs);
    // The last block takes what there is, however little it weighs.
    const weight = larger ? LARGER : Number.MIN_VALUE;
    for (let side = 0; side < 2; side++) {
      const total = own[side * 5] + weight;
      for (let c = 0; c < 4; c++) {
        means[n * VALUES + side * 4 + c] = (own[side * 5 + 1 + c] + weight * theirs[side * 4 + c]) / total;
      }
    }
  }
}

/** Sums of a block and its eight neighbours, those that take part. */
function blur(level: Level, x: number, y: number, result: Float64Array): void {
  const { sums } = level;
  result.fill(0);
  const total =
    addRow(level, sums, SUMS, x - 1, y - 1, 1, CENTRE, 1, result) +
    addRow(level, sums, SUMS, x - 1, y, CENTRE, CENTRE * CENTRE, CENTRE, result) +
    addRow(level, sums, SUMS, x - 1, y + 1, 1, CENTRE, 1, result);
  for (let c = 0; c < SUMS; c++) result[c] /= total;
}

/** Linear interpolation between the means of the blocks that take part. */
function interpolate(level: Level, u: number, v: number, result: Float64Array): void {
  const x = Math.floor(u);
  const y = Math.floor(v);
  const [across, down] = [u - x, v - y];
  const { means } = level;
  result.fill(0);
  const total =
    addRow(level, means, VALUES, x, y, (1 - across) * (1 - down), across * (1 - down), 0, result) +
    addRow(level, means, VALUES, x, y + 1, (1 - across) * down, across * down, 0, result);
  for (let c = 0; c < VALUES; c++) result[c] /= total;
}

/**
 * Adds three neighbours in a row of blocks, each `length` numbers with a weight.
 * @param x column of the first, -1 and up
 * @returns the weight of those that take part
 */
function addRow(
  { width, height, numbers, places }: Level,
  values: Float32Array,
  length: number,
  x: number,
  y: number,
  one: number,
  two: number,
  three: number,
  result: Float64Array,
): number {
  if (y < 0 || y >= height) return 0;
  const at = y * width + x;
  const first = x >= 0 ? numbers[at] : -1;
  const second = x + 1 < width ? numbers[at + 1] : -1;
  const third = x + 2 < width ? numbers[at + 2] : -1;
  const nothing = places.length;
  const from = (first < 0 ? nothing : first) * length;
  const next = (second < 0 ? nothing : second) * length;
  const last = (third < 0 ? nothing : third) * length;
  for (let c = 0; c < length; c++) {
    result[c] += one * values[from + c] + two * values[next + c] + three * values[last + c];
  }
  return (first < 0 ? 0 : one) + (second < 0 ? 0 : two) + (third < 0 ? 0 : three);
}
