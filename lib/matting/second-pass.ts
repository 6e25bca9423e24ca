import type { Alpha, BoundingBox } from '../contracts';
import { boundingBox, findRegions, gaussianBlur } from '../image';
import { type Size, dilate, erode, inverse } from './squares';

/** Only photos with a longer side (pixels) above this, and this many times the network's, get a second pass. */
const LARGE = 2000;
const LARGER_THAN_MATTE = 1.5;
/** Room around the product in the close-up, as a share of its longer side; its edge is not used. */
const MARGIN = 0.05;
const FADE = 0.02;
/** The close-up must show the product with this many times the pixels, or it is not worth a run. */
const LEAST_GAIN = 1.5;
const HALF = 127;
/** Alpha this near to 0 or 255 is sure. */
const SURE = 13;
/** Reach of the edge band, in pixels of the first matte. */
const BAND = 4;
/** Mean difference (levels) from which the two mattes differ, and from which they say the opposite. */
const DIFFERENT = 48;
const OPPOSITE = 128;
/** How far around a contradiction (pixels of the first matte) the first matte is kept. */
const KEPT = 4;

/**
 * Where to look closer: the product's box, if the network would see it with clearly more pixels there.
 * @param alpha the photo's matte, enlarged from one of `matte`'s size
 * @returns undefined where a second pass would gain little
 */
export function closeUpOf(alpha: Alpha, matte: Pick<Alpha, 'width' | 'height'>): BoundingBox | undefined {
  const { width, height } = alpha;
  const longer = Math.max(width, height);
  if (longer <= LARGE || longer < LARGER_THAN_MATTE * Math.max(matte.width, matte.height)) return undefined;
  const box = boundingBox(alpha, HALF);
  if (!box) return undefined;
  const margin = Math.ceil(MARGIN * Math.max(box[2], box[3]));
  const left = Math.max(0, box[0] - margin);
  const top = Math.max(0, box[1] - margin);
  const right = Math.min(width, box[0] + box[2] + margin);
  const bottom = Math.min(height, box[1] + box[3] + margin);
  const gain = (width * height) / ((right - left) * (bottom - top));
  return gain < LEAST_GAIN ? undefined : [left, top, right - left, bottom - top];
}

/**
 * Puts the matte of a close-up in place of the first one, but only in a band around the first one's edge, and not
 * where the two contradict each other about more than that band: a network that sees less of the photo may take
 * another thing for the product.
 * @param closeUp of the size of `box`
 * @param scale pixels of the photo for one of the first matte
 * @returns a new matte
 */
export function mergeCloseUp(alpha: Alpha, closeUp: Alpha, box: BoundingBox, scale: number): Alpha {
  const [left, top, width, height] = box;
  const merged = { ...alpha, data: alpha.data.slice() };
  const weights = weigh(alpha, closeUp, box, Math.max(1, Math.round(scale)));
  const { side, columns, near } = weights;
  const places = Array.from({ length: width }, (_, x) => between(x, side, columns));
  const before = Int32Array.from(places, ([first]) => first);
  const after = Int32Array.from(places, ([, second]) => second);
  const share = Float64Array.from(places, ([, , part]) => part);
  const line = new Float64Array(columns);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / side) * columns;
    const to = (top + y) * alpha.width + left;
    weightsAt(weights, y, line);
    for (let column = 0; column < columns; column++) {
      if (!near[row + column]) continue;
      const right = Math.min(width, (column + 1) * side);
      for (let x = column * side; x < right; x++) {
        const weight = line[before[x]] + (line[after[x]] - line[before[x]]) * share[x];
        const first = merged.data[to + x];
        merged.data[to + x] = first + Math.round((closeUp.data[y * width + x] - first) * weight);
      }
    }
  }
  return merged;
}

interface Weights {
  /** Side of a block in pixels. */
  side: number;
  columns: number;
  rows: number;
  /** What the close-up counts for in each block, 0..1. */
  values: Float32Array;
  /** 1 where the block or a neighbour counts for something. */
  near: Uint8Array;
}

function weigh(alpha: Alpha, closeUp: Alpha, box: BoundingBox, side: number): Weights {
  const columns = Math.ceil(box[2] / side);
  const rows = Math.ceil(box[3] / side);
  const grid = { width: columns, height: rows };
  const soft = new Uint8Array(columns * rows);
  const difference = new Float32Array(columns * rows);
  survey(alpha, closeUp, box, side, columns, { soft, difference });
  const band = gaussianBlur(dilate(soft, grid, BAND), columns, rows, 1);
  const free = uncontested(soft, difference, grid);
  const values = new Float32Array(columns * rows);
  const counts = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = row * columns + column;
      const weight = free ? band[block] * free[block] : band[block];
      if (weight <= 1e-3) continue;
      values[block] = weight * fade(alpha, box, column * side, row * side, side);
      if (values[block] > 0) counts[block] = 1;
    }
  }
  return { side, columns, rows, values, near: dilate(counts, grid, 1) };
}

/** 0 at and around contradictions, 1 farther away, faded in between; undefined where there are none. */
function uncontested(soft: Uint8Array, difference: Float32Array, grid: Size): Float32Array | undefined {
  const kept = contradictions(soft, difference, grid);
  return kept && gaussianBlur(inverse(dilate(kept, grid, KEPT)), grid.width, grid.height, 1);
}

/**
 * Where the two mattes differ by more than an edge that moved, and one is sure of the opposite somewhere. Such a
 * region is kept whole: half of each would be torn.
 * @returns 1 for its blocks; undefined where there is none
 */
function contradictions(soft: Uint8Array, difference: Float32Array, grid: Size): Uint8Array | undefined {
  const count = soft.length;
  const opposite = new Uint8Array(count);
  for (let i = 0; i < count; i++) if (difference[i] >= OPPOSITE && !soft[i]) opposite[i] = 1;
  const sure = opened(opposite, grid);
  if (!sure.includes(1)) return undefined;
  const different = new Uint8Array(count);
  for (let i = 0; i < count; i++) if (difference[i] >= DIFFERENT) different[i] = 1;
  const { areas, starts, ends, of } = findRegions(opened(different, grid), grid.width, grid.height, {
    from: 1,
    to: 1,
    diagonals: true,
  });
  const contrary = new Uint8Array(areas.length);
  for (let run = 0; run < of.length; run++) {
    if (sure.subarray(starts[run], ends[run]).includes(1)) contrary[of[run]] = 1;
  }
  const kept = new Uint8Array(count);
  for (let run = 0; run < of.length; run++) if (contrary[of[run]]) kept.fill(1, starts[run], ends[run]);
  return kept;
}

/** Leaves of the flags (0 or 1) only what is at least three blocks wide. */
function opened(flags: Uint8Array, grid: Size): Uint8Array {
  return dilate(erode(flags, grid, 1), grid, 1);
}

/** Per block: whether it holds part of the edge, and the mean difference of the two mattes. */
function survey(
  alpha: Alpha,
  closeUp: Alpha,
  [left, top, width, height]: BoundingBox,
  side: number,
  columns: number,
  { soft, difference }: { soft: Uint8Array; difference: Float32Array },
): void {
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / side) * columns;
    const lines = Math.min(side, height - Math.floor(y / side) * side);
    const from = (top + y) * alpha.width + left;
    for (let x = 0, column = 0; x < width; column++) {
      const end = Math.min(width, x + side);
      const pixels = (end - x) * lines;
      let sum = 0;
      for (; x < end; x++) {
        const value = alpha.data[from + x];
        if (value >= SURE && value <= 255 - SURE) soft[row + column] = 1;
        const off = closeUp.data[y * width + x] - value;
        sum += off < 0 ? -off : off;
      }
      difference[row + column] += sum / pixels;
    }
  }
}

/** For the block at x, y: 0 at the close-up's own border, 1 from a little inside on; a border of the photo is none. */
function fade(
  photo: Pick<Alpha, 'width' | 'height'>,
  box: BoundingBox,
  x: number,
  y: number,
  side: number,
): number {
  const [left, top, width, height] = box;
  const over = Math.max(1, FADE * Math.max(width, height));
  const sides = [
    left > 0 ? x : over,
    top > 0 ? y : over,
    left + width < photo.width ? width - side - x : over,
    top + height < photo.height ? height - side - y : over,
  ];
  return Math.max(0, Math.min(1, Math.min(...sides) / over));
}

/** The weights of the blocks along a row of pixels, between those above and below it. */
function weightsAt({ side, columns, rows, values }: Weights, y: number, line: Float64Array): void {
  const [first, second, share] = between(y, side, rows);
  const above = first * columns;
  const below = second * columns;
  for (let column = 0; column < columns; column++) {
    line[column] = values[above + column] + (values[below + column] - values[above + column]) * share;
  }
}

/** The two blocks whose middles are around a pixel, and the share of the second. */
function between(position: number, side: number, blocks: number): [number, number, number] {
  const at = Math.max(0, Math.min(blocks - 1, (position + 0.5) / side - 0.5));
  const first = Math.floor(at);
  return [first, Math.min(blocks - 1, first + 1), at - first];
}
