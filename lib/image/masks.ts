import type { Alpha, BoundingBox } from '../contracts';
import { gaussianBlur } from './blur';

/**
 * The smallest box around the pixels whose alpha is over `threshold`.
 * @param threshold 0..254; the default leaves out the faint haze that networks put on backdrops
 * @returns undefined when no pixel is over it
 */
export function boundingBox(alpha: Alpha, threshold = 12): BoundingBox | undefined {
  const { data, width, height } = alpha;
  let left = width;
  let right = -1;
  let top = -1;
  let bottom = -1;
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let x = 0;
    while (x < width && data[start + x] <= threshold) x++;
    if (x === width) continue;
    if (top < 0) top = y;
    bottom = y;
    if (x < left) left = x;
    let end = width - 1;
    while (end > right && data[start + end] <= threshold) end--;
    if (end > right) right = end;
  }
  return top < 0 ? undefined : [left, top, right - left + 1, bottom - top + 1];
}

/** Mean alpha, 0..1: the share of the picture that the product covers. */
export function coverage(alpha: Alpha): number {
  let sum = 0;
  for (let at = 0; at < alpha.data.length; at++) sum += alpha.data[at];
  return sum / (255 * alpha.data.length);
}

/**
 * Softens the edge of a matte with a Gaussian.
 * @param radius pixels, standard deviation is half of it; 0 gives an equal copy
 */
export function feather(alpha: Alpha, radius: number): Alpha {
  const { data, width, height } = alpha;
  if (radius <= 0) return { data: data.slice(), width, height };
  const blurred = gaussianBlur(data, width, height, radius / 2);
  const soft = new Uint8Array(data.length);
  for (let at = 0; at < soft.length; at++) soft[at] = blurred[at] + 0.5;
  return { data: soft, width, height };
}
