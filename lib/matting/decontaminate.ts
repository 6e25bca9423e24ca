import { throwIfAborted, type Alpha, type RgbImage } from '../contracts';
import { checkSizes, clearHidden } from './hidden';

/** Window of the first, coarse estimate in pixels, and the block it is computed on. */
const WIDE = 90;
const BLOCK = 6;
/** Window of the second, fine estimate in pixels: from 3 before a pixel to 2 after it. */
const NARROW = 6;
const BEFORE = NARROW >> 1;
const TILE = 32;
const PATCH = TILE + NARROW - 1;
const EPSILON = 1e-5;

/**
 * Takes the old backdrop out of edge colours: what is left is the product's own colour, to be shown with the
 * same alpha on any other backdrop. Where alpha is 255 the pixels stay as they are; where it is 0 they become
 * 0, which hides nothing, compresses best, and resizes without halo wherever alpha is premultiplied (sharp).
 *
 * Blur fusion: M. Forte, "Approximate fast foreground colour estimation", ICIP 2021. Two passes of
 * F = clip(Fb + a (I - a Fb - (1 - a) Bb)), with Fb and Bb means of the foreground and backdrop weighted by
 * alpha, over a window of 90 pixels and then of 6. The first pass is computed on 6 x 6 blocks and both only
 * near soft pixels.
 *
 * @returns a new picture
 * @throws VitrineError INVALID_PARAMETER when the sizes differ
 */
export function decontaminate(
  image: RgbImage,
  alpha: Alpha,
  options: { signal?: AbortSignal } = {},
): RgbImage {
  const { width, height } = image;
  checkSizes(image, alpha);
  const data = clearHidden(image, alpha);
  const coarse = coarseColours(image, alpha, options.signal);
  if (coarse) fuseTiles(image, alpha, coarse, data, options.signal);
  return { data, width, height };
}

interface Coarse {
  columns: number;
  rows: number;
  /** 1 where a block holds a soft pixel. */
  soft: Uint8Array;
  /** Per block: mean foreground r, g, b and backdrop r, g, b around it, 0..255. */
  colours: Float32Array;
}

/** The first pass; undefined when no pixel is soft. */
function coarseColours(image: RgbImage, alpha: Alpha, signal?: AbortSignal): Coarse | undefined {
  const columns = Math.ceil(image.width / BLOCK);
  const rows = Math.ceil(image.height / BLOCK);
  const soft = findSoft(alpha, columns, rows);
  if (!soft.includes(1)) return undefined;
  const radius = Math.floor(WIDE / BLOCK / 2);
  // One more block than the window, for interpolation between windows.
  const wanted = dilate(dilate(soft, columns, rows, 1), columns, rows, radius);
  const sums = sumBlocks(image, alpha, columns, rows, wanted, signal);
  const colours = new Float32Array(columns * rows * 6);
  boxSums(sums, columns, rows, radius);
  for (let i = 0; i < columns * rows; i++) {
    const count = sums[i * 8 + 7];
    const front = sums[i * 8 + 3];
    for (let c = 0; c < 3; c++) {
      colours[i * 6 + c] = sums[i * 8 + c] / (front + EPSILON * count);
      colours[i * 6 + 3 + c] = sums[i * 8 + 4 + c] / (count - front + EPSILON * count);
    }
  }
  return { columns, rows, soft, colours };
}

function findSoft(alpha: Alpha, columns: number, rows: number): Uint8Array {
  const soft = new Uint8Array(columns * rows);
  for (let y = 0, i = 0; y < alpha.height; y++) {
    const row = Math.floor(y / BLOCK) * columns;
    for (let x = 0; x < alpha.width; x++, i++) {
      const value = alpha.data[i];
      if (value !== 0 && value !== 255) soft[row + Math.floor(x / BLOCK)] = 1;
    }
  }
  return soft;
}

function dilate(mask: Uint8Array, columns: number, rows: number, radius: number): Uint8Array {
  const out = new Uint8Array(mask.length);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (!mask[y * columns + x]) continue;
      const left = Math.max(0, x - radius);
      const right = Math.min(columns, x + radius + 1);
      for (let ny = Math.max(0, y - radius); ny <= Math.min(rows - 1, y + radius); ny++) {
        out.fill(1, ny * columns + left, ny * columns + right);
      }
    }
  }
  return out;
}

/** Per wanted block, eight sums: I a (three), a, I (1 - a) (three), number of pixels; a from 0 to 1. */
function sumBlocks(
  image: RgbImage,
  alpha: Alpha,
  columns: number,
  rows: number,
  wanted: Uint8Array,
  signal?: AbortSignal,
): Float64Array {
  const sums = new Float64Array(columns * rows * 8);
  const { width, height, data } = image;
  for (let by = 0; by < rows; by++) {
    if (signal) throwIfAborted(signal);
    for (let bx = 0; bx < columns; bx++) {
      if (!wanted[by * columns + bx]) continue;
      let [fr, fg, fb, fa, br, bg, bb, count] = [0, 0, 0, 0, 0, 0, 0, 0];
      const right = Math.min(width, (bx + 1) * BLOCK);
      const bottom = Math.min(height, (by + 1) * BLOCK);
      for (let y = by * BLOCK; y < bottom; y++) {
        for (let i = y * width + bx * BLOCK; i < y * width + right; i++) {
          const a = alpha.data[i] / 255;
          const [r, g, b] = [data[i * 3], data[i * 3 + 1], data[i * 3 + 2]];
          fr += r * a;
          fg += g * a;
          fb += b * a;
          fa += a;
          br += r * (1 - a);
          bg += g * (1 - a);
          bb += b * (1 - a);
          count++;
        }
      }
      sums.set([fr, fg, fb, fa, br, bg, bb, count], (by * columns + bx) * 8);
    }
  }
  return sums;
}

/** Replaces each block's sums by those over the square around it. */
function boxSums(sums: Float64Array, columns: number, rows: number, radius: number): void {
  slide(sums, rows, columns * 8, columns, 8, radius);
  slide(sums, columns, 8, rows, columns * 8, radius);
}

function slide(
  sums: Float64Array,
  lines: number,
  lineStep: number,
  length: number,
  step: number,
  radius: number,
): void {
  const copy = new Float64Array(length);
  for (let line = 0; line < lines; line++) {
    for (let c = 0; c < 8; c++) {
      const start = line * lineStep + c;
      for (let i = 0; i < length; i++) copy[i] = sums[start + i * step];
      let sum = 0;
      for (let i = 0; i < Math.min(length, radius); i++) sum += copy[i];
      for (let i = 0; i < length; i++) {
        if (i + radius < length) sum += copy[i + radius];
        if (i > radius) sum -= copy[i - radius - 1];
        sums[start + i * step] = sum;
      }
    }
  }
}

/** The second pass, tile by tile over those with soft pixels. */
function fuseTiles(
  image: RgbImage,
  alpha: Alpha,
  coarse: Coarse,
  out: Uint8Array,
  signal?: AbortSignal,
): void {
  const patch = new Float32Array(PATCH * PATCH * 8);
  const across = new Float32Array(TILE * PATCH * 8);
  for (let top = 0; top < image.height; top += TILE) {
    if (signal) throwIfAborted(signal);
    for (let left = 0; left < image.width; left += TILE) {
      if (!tileIsSoft(coarse, left, top)) continue;
      weighPatch(image, alpha, coarse, left - BEFORE, top - BEFORE, patch);
      sumAcross(patch, across);
      fuseTile(image, alpha, across, left, top, out);
    }
  }
}

function tileIsSoft({ soft, columns, rows }: Coarse, left: number, top: number): boolean {
  const lastX = Math.min(columns - 1, Math.floor((left + TILE - 1) / BLOCK));
  const lastY = Math.min(rows - 1, Math.floor((top + TILE - 1) / BLOCK));
  for (let y = Math.floor(top / BLOCK); y <= lastY; y++) {
    for (let x = Math.floor(left / BLOCK); x <= lastX; x++) if (soft[y * columns + x]) return true;
  }
  return false;
}

/** Per pixel of the patch: F a (three), a, B (1 - a) (three), 1; zeros outside the picture. */
function weighPatch(
  { data, width, height }: RgbImage,
  alpha: Alpha,
  { columns, rows, colours }: Coarse,
  left: number,
  top: number,
  patch: Float32Array,
): void {
  patch.fill(0);
  for (let py = 0; py < PATCH; py++) {
    const y = top + py;
    if (y < 0 || y >= height) continue;
    const v = Math.min(rows - 1, Math.max(0, (y + 0.5) / BLOCK - 0.5));
    const row = Math.min(rows - 1, Math.floor(v));
    const down = row < rows - 1 ? columns * 6 : 0;
    const fy = v - row;
    for (let px = 0; px < PATCH; px++) {
      const x = left + px;
      if (x < 0 || x >= width) continue;
      const u = Math.min(columns - 1, Math.max(0, (x + 0.5) / BLOCK - 0.5));
      const column = Math.min(columns - 1, Math.floor(u));
      const next = column < columns - 1 ? 6 : 0;
      const fx = u - column;
      const a = alpha.data[y * width + x] / 255;
      const from = (y * width + x) * 3;
      const to = (py * PATCH + px) * 8;
      for (let c = 0; c < 3; c++) {
        const at = (row * columns + column) * 6 + c;
        const front = mix(colours, at, next, down, fx, fy);
        const back = mix(colours, at + 3, next, down, fx, fy);
        const own = front + a * (data[from + c] - a * front - (1 - a) * back);
        patch[to + c] = a * (own < 0 ? 0 : own > 255 ? 255 : own);
        patch[to + 4 + c] = (1 - a) * back;
      }
      patch[to + 3] = a;
      patch[to + 7] = 1;
    }
  }
}

function mix(values: Float32Array, at: number, next: number, down: number, fx: number, fy: number): number {
  const above = values[at] + (values[at + next] - values[at]) * fx;
  const below = values[at + down] + (values[at + down + next] - values[at + down]) * fx;
  return above + (below - above) * fy;
}

/** Sums of `NARROW` neighbours along each row of the patch. */
function sumAcross(patch: Float32Array, across: Float32Array): void {
  for (let y = 0; y < PATCH; y++) {
    for (let c = 0; c < 8; c++) {
      const from = y * PATCH * 8 + c;
      let sum = 0;
      for (let x = 0; x < NARROW - 1; x++) sum += patch[from + x * 8];
      for (let x = 0; x < TILE; x++) {
        sum += patch[from + (x + NARROW - 1) * 8];
        across[(y * TILE + x) * 8 + c] = sum;
        sum -= patch[from + x * 8];
      }
    }
  }
}

function fuseTile(
  { data, width, height }: RgbImage,
  alpha: Alpha,
  across: Float32Array,
  left: number,
  top: number,
  out: Uint8Array,
): void {
  for (let y = top; y < Math.min(height, top + TILE); y++) {
    for (let x = left; x < Math.min(width, left + TILE); x++) {
      const i = y * width + x;
      const value = alpha.data[i];
      if (value === 0 || value === 255) continue;
      const a = value / 255;
      const first = ((y - top) * TILE + (x - left)) * 8;
      let front = 0;
      let count = 0;
      for (let n = 0, at = first; n < NARROW; n++, at += TILE * 8) {
        front += across[at + 3];
        count += across[at + 7];
      }
      for (let c = 0; c < 3; c++) {
        let own = 0;
        let other = 0;
        for (let n = 0, at = first + c; n < NARROW; n++, at += TILE * 8) {
          own += across[at];
          other += across[at + 4];
        }
        own /= front + EPSILON * count;
        other /= count - front + EPSILON * count;
        const fused = own + a * (data[i * 3 + c] - a * own - (1 - a) * other);
        out[i * 3 + c] = fused < 0 ? 0 : fused > 255 ? 255 : fused + 0.5;
      }
    }
  }
}
