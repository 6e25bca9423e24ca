import type { BoundingBox } from '../contracts';

const TILES = 8;
const BINS = 256;

/** The part of a plane that counts. */
export interface Inside {
  /** As large as the plane. */
  alpha: Uint8Array;
  /** Holds every pixel whose alpha is over 0. */
  box: BoundingBox;
}

/**
 * Contrast-limited adaptive histogram equalisation of one 8-bit channel, step by step as OpenCV's `cv::CLAHE` does it
 * (8 x 8 tiles): the same numbers come out.
 * Method: K. Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994.
 * @param clip limit of a bin, in multiples of a flat histogram's
 * @param inside where given, only pixels of at least half its alpha count; the place of the others in a tile is taken
 * by the histogram of all that count, so a backdrop has no say in the product's contrast. Pixels of alpha 0 come out as 0.
 */
export function clahe(
  plane: Uint8Array,
  width: number,
  height: number,
  clip = 2,
  inside?: Inside,
): Uint8Array {
  const tables = tileTables(plane, width, height, clip, inside);
  const [fromX, fromY, across, down] = inside?.box ?? [0, 0, width, height];
  const [tileWidth, tileHeight] = tileSize(width, height);
  const columns = between(width, tileWidth);
  const rows = between(height, tileHeight);
  const out = new Uint8Array(plane.length);
  for (let y = fromY; y < fromY + down; y++) {
    const upper = rows.first[y] * TILES * BINS;
    const lower = rows.second[y] * TILES * BINS;
    const vertical = rows.share[y];
    for (let x = fromX, at = y * width + x; x < fromX + across; x++, at++) {
      if (inside && inside.alpha[at] === 0) continue;
      const left = columns.first[x] * BINS + plane[at];
      const right = columns.second[x] * BINS + plane[at];
      const horizontal = columns.share[x];
      const above = tables[upper + left] * (1 - horizontal) + tables[upper + right] * horizontal;
      const below = tables[lower + left] * (1 - horizontal) + tables[lower + right] * horizontal;
      out[at] = roundHalfEven(above * (1 - vertical) + below * vertical);
    }
  }
  return out;
}

/** OpenCV pads the picture unless both sides divide into tiles; a side that does is then padded by a whole tile row. */
function tileSize(width: number, height: number): [number, number] {
  if (width % TILES === 0 && height % TILES === 0) return [width / TILES, height / TILES];
  return [Math.floor(width / TILES) + 1, Math.floor(height / TILES) + 1];
}

/** For every position of an axis the two tiles around it and the share of the second. */
function between(
  length: number,
  tile: number,
): { first: Int32Array; second: Int32Array; share: Float32Array } {
  const first = new Int32Array(length);
  const second = new Int32Array(length);
  const share = new Float32Array(length);
  const inverse = Math.fround(1 / tile);
  for (let at = 0; at < length; at++) {
    const position = Math.fround(Math.fround(at * inverse) - 0.5);
    const below = Math.floor(position);
    share[at] = position - below;
    first[at] = Math.max(0, below);
    second[at] = Math.min(TILES - 1, below + 1);
  }
  return { first, second, share };
}

function tileTables(
  plane: Uint8Array,
  width: number,
  height: number,
  clip: number,
  inside?: Inside,
): Uint8Array {
  const [tileWidth, tileHeight] = tileSize(width, height);
  const [, top, , down] = inside?.box ?? [0, 0, width, height];
  const columns = reflect(width, tileWidth * TILES);
  const rows = reflect(height, tileHeight * TILES);
  const counts = new Int32Array(TILES * TILES * BINS);
  for (let y = 0; y < rows.length; y++) {
    if (rows[y] < top || rows[y] >= top + down) continue;
    const start = rows[y] * width;
    for (let tile = 0; tile < TILES; tile++) {
      const bins = (Math.floor(y / tileHeight) * TILES + tile) * BINS;
      for (let x = tile * tileWidth; x < (tile + 1) * tileWidth; x++) {
        const at = start + columns[x];
        if (!inside || inside.alpha[at] >= 128) counts[bins + plane[at]]++;
      }
    }
  }
  const area = tileWidth * tileHeight;
  if (inside) fillUp(counts, area);
  const limit = Math.max(1, Math.floor((clip * area) / BINS));
  const tables = new Uint8Array(counts.length);
  for (let start = 0; start < counts.length; start += BINS) {
    const bins = counts.subarray(start, start + BINS);
    redistribute(bins, limit);
    accumulate(bins, tables.subarray(start, start + BINS));
  }
  return tables;
}

/** Source positions of an axis stretched to `padded`, mirrored at the far end without repeating the last pixel. */
function reflect(length: number, padded: number): Int32Array {
  const period = Math.max(1, 2 * (length - 1));
  return Int32Array.from({ length: padded }, (_, at) => {
    const inside = at % period;
    return length === 1 ? 0 : Math.min(inside, period - inside);
  });
}

function fillUp(counts: Int32Array, area: number): void {
  const all = new Float64Array(BINS);
  counts.forEach((count, at) => (all[at % BINS] += count));
  const total = all.reduce((sum, count) => sum + count, 0);
  if (total === 0) return;
  for (let start = 0; start < counts.length; start += BINS) {
    const missing = area - counts.subarray(start, start + BINS).reduce((sum, count) => sum + count, 0);
    if (missing === 0) continue;
    for (let bin = 0; bin < BINS; bin++) counts[start + bin] += Math.round((all[bin] * missing) / total);
  }
}

/** Cuts what is over the limit and deals it out evenly, the rest in equal steps. */
function redistribute(bins: Int32Array, limit: number): void {
  let clipped = 0;
  for (let bin = 0; bin < BINS; bin++) {
    if (bins[bin] <= limit) continue;
    clipped += bins[bin] - limit;
    bins[bin] = limit;
  }
  const batch = Math.floor(clipped / BINS);
  let rest = clipped - batch * BINS;
  for (let bin = 0; bin < BINS; bin++) bins[bin] += batch;
  if (rest === 0) return;
  const step = Math.max(1, Math.floor(BINS / rest));
  for (let bin = 0; bin < BINS && rest > 0; bin += step, rest--) bins[bin]++;
}

function accumulate(bins: Int32Array, table: Uint8Array): void {
  const total = bins.reduce((sum, count) => sum + count, 0);
  const scale = Math.fround((BINS - 1) / Math.max(1, total));
  let sum = 0;
  for (let bin = 0; bin < BINS; bin++) {
    sum += bins[bin];
    table[bin] = Math.min(255, roundHalfEven(Math.fround(sum * scale)));
  }
}

/** As the processor rounds for OpenCV; `value` is 0..255. */
function roundHalfEven(value: number): number {
  const rounded = (value + 0.5) | 0;
  return rounded - value === 0.5 ? rounded & ~1 : rounded;
}
