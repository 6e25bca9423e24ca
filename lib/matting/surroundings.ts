import { type Alpha, type RgbImage, throwIfAborted } from '../contracts';
import { type Size, type Sparse, dilated, sparse } from './sparse';

/** Side in pixels of the smallest blocks. */
const BLOCK = 2;
/** Blocks around soft ones that take part. */
const REACH = 16;
/** Weights are this power of alpha and of what it lacks to 1: nearly opaque and nearly hidden pixels count. */
const PURITY = 16;
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
  /** `VALUES` for each block that takes part. */
  values: Float32Array;
}

interface Level extends Sparse {
  sums: Float32Array;
  /** As `values`, but with mean squares in place of variances. */
  means: Float32Array;
}

/**
 * The colours of product and backdrop around every soft pixel, and how much they vary, from pixels that are one or the
 * other. A pyramid of blocks, each level blurred a little: a block takes the mean of its own pixels and, as far as they
 * say nothing, that of the larger block around it (pull-push; S. Gortler et al., "The lumigraph", SIGGRAPH 1996).
 * @returns undefined when no pixel is soft
 * @throws VitrineError CANCELLED
 */
export function surroundings(image: RgbImage, alpha: Alpha, signal?: AbortSignal): Surroundings | undefined {
  const first = smallest(image, alpha);
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
    const mean = (values[at] ** 2 + values[at + 1] ** 2 + values[at + 2] ** 2) / 3;
    values[at + 3] = Math.max(0, values[at + 3] - mean);
  }
  return { ...first, values };
}

function smallest(image: RgbImage, alpha: Alpha): Level | undefined {
  const { width, height } = image;
  const size = { width: Math.ceil(width / BLOCK), height: Math.ceil(height / BLOCK) };
  const soft = new Uint8Array(size.width * size.height);
  let any = false;
  for (let y = 0, i = 0; y < height; y++) {
    const row = (y >> 1) * size.width;
    for (let x = 0; x < width; x++, i++) {
      if (alpha.data[i] === 0 || alpha.data[i] === 255) continue;
      soft[row + (x >> 1)] = 1;
      any = true;
    }
  }
  if (!any) return undefined;
  const level = empty(dilated(soft, size, REACH), size);
  const weights = Float32Array.from({ length: 256 }, (_, value) => (value / 255) ** PURITY);
  const { places, sums } = level;
  for (let n = 0; n < places.length; n++) {
    const top = Math.floor(places[n] / size.width) * BLOCK;
    const left = (places[n] % size.width) * BLOCK;
    const bottom = Math.min(height, top + BLOCK);
    const right = Math.min(width, left + BLOCK);
    const share = 1 / ((bottom - top) * (right - left));
    for (let y = top; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++) {
        const value = alpha.data[i];
        add(sums, n * SUMS, share * weights[value], image.data, i * 3);
        add(sums, n * SUMS + 5, share * weights[255 - value], image.data, i * 3);
      }
    }
  }
  return level;
}

function empty(marked: Uint8Array, size: Size): Level {
  const grid = sparse(marked, size);
  const count = grid.places.length;
  return { ...grid, sums: new Float32Array(count * SUMS), means: new Float32Array(count * VALUES) };
}

function add(sums: Float32Array, at: number, weight: number, data: Uint8Array, from: number): void {
  if (weight === 0) return;
  const red = data[from];
  const green = data[from + 1];
  const blue = data[from + 2];
  sums[at] += weight;
  sums[at + 1] += weight * red;
  sums[at + 2] += weight * green;
  sums[at + 3] += weight * blue;
  sums[at + 4] += (weight * (red * red + green * green + blue * blue)) / 3;
}

/** The level of blocks twice as large: means of those four that take part. */
function pull({ width, numbers, places, sums, height }: Level): Level {
  const size = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const marked = new Uint8Array(size.width * size.height);
  for (let i = 0; i < places.length; i++) {
    const y = Math.floor(places[i] / width);
    marked[(y >> 1) * size.width + ((places[i] - y * width) >> 1)] = 1;
  }
  const level = empty(marked, size);
  for (let n = 0; n < level.places.length; n++) {
    const top = Math.floor(level.places[n] / size.width) * 2;
    const left = (level.places[n] % size.width) * 2;
    let count = 0;
    for (let y = top; y < Math.min(height, top + 2); y++) {
      for (let x = left; x < Math.min(width, left + 2); x++) {
        const child = numbers[y * width + x];
        if (child < 0) continue;
        count++;
        for (let c = 0; c < SUMS; c++) level.sums[n * SUMS + c] += sums[child * SUMS + c];
      }
    }
    for (let c = 0; c < SUMS; c++) level.sums[n * SUMS + c] /= count;
  }
  return level;
}

/** The means of a level, from its own blurred sums and from the level of blocks twice as large. */
function push(level: Level, larger: Level | undefined): void {
  const { width, places, means } = level;
  const own = new Float64Array(SUMS);
  const theirs = new Float64Array(VALUES);
  for (let n = 0; n < places.length; n++) {
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
function blur({ width, height, numbers, sums }: Level, x: number, y: number, result: Float64Array): void {
  result.fill(0);
  let total = 0;
  for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
    for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
      const other = numbers[ny * width + nx];
      if (other < 0) continue;
      const weight = (nx === x ? CENTRE : 1) * (ny === y ? CENTRE : 1);
      total += weight;
      for (let c = 0; c < SUMS; c++) result[c] += weight * sums[other * SUMS + c];
    }
  }
  for (let c = 0; c < SUMS; c++) result[c] /= total;
}

/** Linear interpolation between the means of the blocks that take part. */
function interpolate(
  { width, height, numbers, means }: Level,
  u: number,
  v: number,
  result: Float64Array,
): void {
  result.fill(0);
  let total = 0;
  const column = Math.floor(u);
  const row = Math.floor(v);
  for (let y = row; y <= row + 1; y++) {
    if (y < 0 || y >= height) continue;
    for (let x = column; x <= column + 1; x++) {
      if (x < 0 || x >= width) continue;
      const other = numbers[y * width + x];
      if (other < 0) continue;
      const weight = (1 - Math.abs(u - x)) * (1 - Math.abs(v - y));
      total += weight;
      for (let c = 0; c < VALUES; c++) result[c] += weight * means[other * VALUES + c];
    }
  }
  for (let c = 0; c < VALUES; c++) result[c] /= total;
}
