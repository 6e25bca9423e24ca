import { erode, inverse } from '../squares';
import type { WorkImage } from './work';

/** What lies on either side of the outline, for every work pixel near it (`n` runs over those). */
export interface EdgeColours {
  /** Per work pixel: its index `n`, or -1 away from the outline. */
  band: Int32Array;
  /** Per `n`: the work pixel. */
  pixels: Int32Array;
  /** First `n` of each work row, and the total at the end. */
  rowStart: Int32Array;
  /** Interleaved sRGB of the product nearby. */
  product: Float32Array;
  /** Interleaved sRGB of the backdrop nearby, its shadows included. */
  backdrop: Float32Array;
  /** The mask, a little blurred, 0..1. */
  soft: Float32Array;
  /** Unit vectors towards the product, x and y interleaved; zeros where there is no telling. */
  inward: Float32Array;
}

/** Work pixels that the outline is searched in, inwards and outwards of the mask's own edge. */
const INWARDS = 2;
const OUTWARDS = 1;

export function estimateEdgeColours(work: WorkImage, mask: Uint8Array): EdgeColours {
  const { width, height } = work;
  const inside = erode(mask, { width, height }, INWARDS);
  const outside = erode(inverse(mask), { width, height }, OUTWARDS);
  const band = new Int32Array(width * height).fill(-1);
  const rowStart = new Int32Array(height + 1);
  let count = 0;
  for (let y = 0; y < height; y++) {
    rowStart[y] = count;
    for (let i = y * width; i < (y + 1) * width; i++) if (!inside[i] && !outside[i]) band[i] = count++;
  }
  rowStart[height] = count;
  const pixels = new Int32Array(count);
  for (let i = 0; i < band.length; i++) if (band[i] >= 0) pixels[band[i]] = i;
  const colours: EdgeColours = {
    band,
    pixels,
    rowStart,
    product: new Float32Array(count * 3),
    backdrop: new Float32Array(count * 3),
    soft: new Float32Array(count),
    inward: new Float32Array(count * 2),
  };
  const gather = new Float32Array(4);
  for (let n = 0; n < count; n++) {
    for (let radius = 3; radius <= 24; radius *= 2) {
      if (average(work, outside, pixels[n], radius, gather)) break;
    }
    for (let c = 0; c < 3; c++)
      colours.backdrop[n * 3 + c] = gather[3] ? gather[c] : work.rgb[pixels[n] * 3 + c];
  }
  for (let n = 0; n < count; n++) {
    const found = average(work, inside, pixels[n], 3, gather) || average(work, inside, pixels[n], 5, gather);
    if (!found) farthest(work, mask, pixels[n], 2, colours.backdrop.subarray(n * 3, n * 3 + 3), gather);
    colours.product.set(gather.subarray(0, 3), n * 3);
    colours.soft[n] = softMask(mask, width, height, pixels[n]);
    pointInward(mask, width, height, pixels[n], colours.inward, n * 2);
  }
  return colours;
}

/** Mean colour of the marked pixels of a window; false when there are none. */
export function average(
  work: WorkImage,
  marked: Uint8Array,
  at: number,
  radius: number,
  out: Float32Array,
): boolean {
  const { width, height, rgb } = work;
  const cx = at % width;
  const cy = (at - cx) / width;
  const step = radius > 6 ? radius >> 2 : 1;
  out.fill(0);
  for (let y = Math.max(0, cy - radius); y <= Math.min(height - 1, cy + radius); y += step) {
    for (let x = Math.max(0, cx - radius); x <= Math.min(width - 1, cx + radius); x += step) {
      const i = y * width + x;
      if (!marked[i]) continue;
      out[0] += rgb[i * 3];
      out[1] += rgb[i * 3 + 1];
      out[2] += rgb[i * 3 + 2];
      out[3]++;
    }
  }
  for (let c = 0; c < 3 && out[3]; c++) out[c] /= out[3];
  return out[3] > 0;
}

/** Of a thin part, whose every pixel may be mixed: the colour least like the backdrop. */
function farthest(
  work: WorkImage,
  mask: Uint8Array,
  at: number,
  radius: number,
  backdrop: Float32Array,
  out: Float32Array,
): void {
  const { width, height, rgb } = work;
  const cx = at % width;
  const cy = (at - cx) / width;
  let most = -1;
  for (let y = Math.max(0, cy - radius); y <= Math.min(height - 1, cy + radius); y++) {
    for (let x = Math.max(0, cx - radius); x <= Math.min(width - 1, cx + radius); x++) {
      const i = (y * width + x) * 3;
      if (!mask[y * width + x]) continue;
      const away = Math.hypot(rgb[i] - backdrop[0], rgb[i + 1] - backdrop[1], rgb[i + 2] - backdrop[2]);
      if (away <= most) continue;
      most = away;
      for (let c = 0; c < 3; c++) out[c] = rgb[i + c];
    }
  }
}

function softMask(mask: Uint8Array, width: number, height: number, at: number): number {
  const cx = at % width;
  const cy = (at - cx) / width;
  let sum = 0;
  let count = 0;
  for (let y = Math.max(0, cy - 1); y <= Math.min(height - 1, cy + 1); y++) {
    for (let x = Math.max(0, cx - 1); x <= Math.min(width - 1, cx + 1); x++) {
      sum += mask[y * width + x];
      count++;
    }
  }
  return sum / count;
}

/** From the mask's centre of mass in a small window. */
function pointInward(
  mask: Uint8Array,
  width: number,
  height: number,
  at: number,
  inward: Float32Array,
  to: number,
): void {
  const cx = at % width;
  const cy = (at - cx) / width;
  let x = 0;
  let y = 0;
  for (let dy = -3; dy <= 3; dy++) {
    const row = Math.min(height - 1, Math.max(0, cy + dy)) * width;
    for (let dx = -3; dx <= 3; dx++) {
      if (!mask[row + Math.min(width - 1, Math.max(0, cx + dx))]) continue;
      x += dx;
      y += dy;
    }
  }
  const length = Math.hypot(x, y);
  if (length < 3) return;
  inward[to] = x / length;
  inward[to + 1] = y / length;
}
