import type { Alpha, BoundingBox } from '../contracts';
import { boundingBox, findRegions, gaussianBlur } from '../image';
import { highest } from './mask';

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
  const { side, columns, rows } = weights;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!weights.near[row * columns + column]) continue;
      const right = Math.min(width, (column + 1) * side);
      for (let y = row * side; y < Math.min(height, (row + 1) * side); y++) {
        for (let x = column * side; x < right; x++) {
          const at = (top + y) * alpha.width + left + x;
          const weight = interpolate(weights, (x + 0.5) / side - 0.5, (y + 0.5) / side - 0.5);
          merged.data[at] += Math.round((closeUp.data[y * width + x] - merged.data[at]) * weight);
        }
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
  const soft = new Uint8Array(columns * rows);
  const difference = new Float32Array(columns * rows);
  survey(alpha, closeUp, box, side, columns, { soft, difference });
  const band = gaussianBlur(highest(soft, columns, rows, BAND), columns, rows, 1);
  const kept = contradictions(soft, difference, columns, rows);
  const free = gaussianBlur(
    highest(kept, columns, rows, KEPT).map((flag) => 1 - flag),
    columns,
    rows,
    1,
  );
  const values = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = row * columns + column;
      const weight = band[block] * free[block];
      if (weight > 1e-3) values[block] = weight * fade(alpha, box, column * side, row * side, side);
    }
  }
  const near = highest(
    Uint8Array.from(values, (value) => Number(value > 0)),
    columns,
    rows,
    1,
  );
  return { side, columns, rows, values, near };
}

/**
 * Where the two mattes differ by more than an edge that moved, and one is sure of the opposite somewhere. Such a
 * region is kept whole: half of each would be torn.
 * @returns 1 for its blocks
 */
function contradictions(
  soft: Uint8Array,
  difference: Float32Array,
  columns: number,
  rows: number,
): Uint8Array {
  const different = opened(
    difference.map((mean) => Number(mean >= DIFFERENT)),
    columns,
    rows,
  );
  const opposite = opened(
    soft.map((isSoft, i) => Number(!isSoft && difference[i] >= OPPOSITE)),
    columns,
    rows,
  );
  const { areas, starts, ends, of } = findRegions(different, columns, rows, {
    from: 1,
    to: 1,
    diagonals: true,
  });
  const contrary = new Uint8Array(areas.length);
  for (let run = 0; run < of.length; run++) {
    if (opposite.subarray(starts[run], ends[run]).includes(1)) contrary[of[run]] = 1;
  }
  const kept = new Uint8Array(different.length);
  for (let run = 0; run < of.length; run++) if (contrary[of[run]]) kept.fill(1, starts[run], ends[run]);
  return kept;
}

/** Leaves only what is at least three blocks wide. */
function opened(flags: ArrayLike<number>, columns: number, rows: number): Uint8Array {
  const outside = Uint8Array.from(flags, (flag) => 1 - flag);
  const core = highest(outside, columns, rows, 1).map((flag) => 1 - flag);
  return highest(core, columns, rows, 1);
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

/** Bilinear, in units of blocks from the middle of the first one. */
function interpolate({ columns, rows, values }: Weights, u: number, v: number): number {
  const x = Math.max(0, Math.min(columns - 1, u));
  const y = Math.max(0, Math.min(rows - 1, v));
  const column = Math.floor(x);
  const row = Math.floor(y);
  const next = column < columns - 1 ? 1 : 0;
  const below = row < rows - 1 ? columns : 0;
  const at = row * columns + column;
  const above = values[at] + (values[at + next] - values[at]) * (x - column);
  const under = values[at + below] + (values[at + below + next] - values[at + below]) * (x - column);
  return above + (under - above) * (y - row);
}
