import type { Alpha, BoundingBox } from '../contracts';
import { boundingBox, gaussianBlur } from '../image';
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
/** Reach of the edge band, and of the look at the sure pixels around, in pixels of the first matte. */
const BAND = 4;
const AROUND = 4;
/** Mean difference (levels) on sure pixels from which the close-up counts for less, and for nothing. */
const AGREEING = 38;
const CONTRARY = 77;

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
 * Puts the matte of a close-up in place of the first one, but only in a band around the first one's edge, and
 * there only where both agree about the sure product and the sure backdrop nearby: a network that sees less of
 * the photo may take another thing for the product.
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
  const sure = new Float32Array(columns * rows);
  const difference = new Float32Array(columns * rows);
  survey(alpha, closeUp, box, side, columns, { soft, sure, difference });
  const band = gaussianBlur(highest(soft, columns, rows, BAND), columns, rows, 1);
  const sureAround = gaussianBlur(sure, columns, rows, AROUND);
  const differenceAround = gaussianBlur(difference, columns, rows, AROUND);
  const values = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = row * columns + column;
      if (band[block] < 1e-3) continue;
      const mean = differenceAround[block] / Math.max(sureAround[block], 1e-3);
      const agreement = Math.min(1, Math.max(0, (CONTRARY - mean) / (CONTRARY - AGREEING)));
      values[block] = band[block] * agreement * fade(alpha, box, column * side, row * side, side);
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

/** Per block: whether it holds part of the edge, its number of sure pixels, and the sum of their differences. */
function survey(
  alpha: Alpha,
  closeUp: Alpha,
  [left, top, width, height]: BoundingBox,
  side: number,
  columns: number,
  { soft, sure, difference }: { soft: Uint8Array; sure: Float32Array; difference: Float32Array },
): void {
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / side) * columns;
    const from = (top + y) * alpha.width + left;
    for (let x = 0, column = 0; x < width; column++) {
      const end = Math.min(width, x + side);
      let count = 0;
      let sum = 0;
      for (; x < end; x++) {
        const value = alpha.data[from + x];
        if (value >= SURE && value <= 255 - SURE) {
          soft[row + column] = 1;
          continue;
        }
        count++;
        const off = closeUp.data[y * width + x] - value;
        sum += off < 0 ? -off : off;
      }
      sure[row + column] += count;
      difference[row + column] += sum;
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
