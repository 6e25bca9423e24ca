import type { Alpha, RgbImage } from '../contracts';
import { between } from './between';
import { gaussianBlur } from './blur';

/** Standard deviation of the blur, as a share of the longer side. */
const SPREAD = 0.02;
/** How far the backdrop goes towards white, 0..1. */
const LIGHTEN = 0.1;
/** The blur is computed on a picture of about this many pixels on the longer side: it has no detail left anyway. */
const WORK_SIDE = 512;
/** Blur widths as multiples of the first, and how much each counts. */
const WIDTHS = [
  [1, 1],
  [4, 1e-2],
  [16, 1e-4],
] as const;
/** Alpha over which a pixel counts as product and lends the backdrop none of its colour. */
const PRODUCT = 8;

/**
 * Leaves the product sharp and blurs and slightly lightens what is behind it. The blur is normalised: product pixels
 * have weight 0 and the colours around fill their place, so no halo of the product appears in the backdrop.
 */
export function softenBackdrop(image: RgbImage, alpha: Alpha): RgbImage {
  const { width, height } = image;
  const step = Math.max(1, Math.ceil(Math.max(width, height) / WORK_SIDE));
  const small = shrinkBackdrop(image, alpha, step);
  if (!small) return { data: image.data.slice(), width, height };
  const sigma = (SPREAD * Math.max(width, height)) / step;
  return overlay(image, alpha, fillAndBlur(small, sigma), small, step);
}

interface Small {
  /** Red, green, blue times weight, 0..255, and the weight 0..1. */
  planes: [Float32Array, Float32Array, Float32Array, Float32Array];
  width: number;
  height: number;
}

/** Means over squares of `step` pixels; undefined when there is no backdrop at all. */
function shrinkBackdrop({ data, width, height }: RgbImage, alpha: Alpha, step: number): Small | undefined {
  const across = Math.ceil(width / step);
  const down = Math.ceil(height / step);
  const planes = Array.from({ length: 4 }, () => new Float32Array(across * down)) as Small['planes'];
  const [red, green, blue, weight] = planes;
  let any = false;
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / step) * across;
    for (let x = 0, pixel = y * width; x < width; x++, pixel++) {
      if (alpha.data[pixel] > PRODUCT) continue;
      const cell = row + Math.floor(x / step);
      red[cell] += data[pixel * 3];
      green[cell] += data[pixel * 3 + 1];
      blue[cell] += data[pixel * 3 + 2];
      weight[cell]++;
      any = true;
    }
  }
  if (!any) return undefined;
  const scale = 1 / (step * step);
  for (const plane of planes) for (let cell = 0; cell < plane.length; cell++) plane[cell] *= scale;
  return { planes, width: across, height: down };
}

/**
 * Normalised convolution (Knutsson and Westin, 1993) at three widths: the wider ones count only where the narrow one
 * finds next to no backdrop, which is deep behind the product.
 */
function fillAndBlur({ planes, width, height }: Small, sigma: number): Float32Array[] {
  const sums = planes.map((plane) => {
    const mean = plane.reduce((sum, value) => sum + value, 0) / plane.length;
    const total = new Float32Array(plane.length).fill(1e-6 * mean);
    for (const [widen, share] of WIDTHS) {
      const blurred = gaussianBlur(plane, width, height, sigma * widen);
      for (let cell = 0; cell < total.length; cell++) total[cell] += share * blurred[cell];
    }
    return total;
  });
  return [0, 1, 2].map((plane) => sums[plane].map((value, cell) => value / sums[3][cell]));
}

/** Enlarges the backdrop bilinearly and lays the product over it. */
function overlay(
  image: RgbImage,
  alpha: Alpha,
  backdrop: Float32Array[],
  small: Small,
  step: number,
): RgbImage {
  const { width, height } = image;
  const data = image.data.slice();
  const columns = between(width, step, small.width);
  const rows = between(height, step, small.height);
  const line = new Float32Array(small.width * 3);
  for (let y = 0; y < height; y++) {
    const upper = rows.first[y] * small.width;
    const lower = rows.second[y] * small.width;
    const part = rows.share[y];
    backdrop.forEach((plane, channel) => {
      for (let cell = 0; cell < small.width; cell++) {
        const above = plane[upper + cell];
        const value = above + (plane[lower + cell] - above) * part;
        line[cell * 3 + channel] = value + (255 - value) * LIGHTEN;
      }
    });
    for (let x = 0, pixel = y * width; x < width; x++, pixel++) {
      const show = 1 - alpha.data[pixel] / 255;
      if (show === 0) continue;
      const at = pixel * 3;
      const first = columns.first[x] * 3;
      const second = columns.second[x] * 3;
      for (let channel = 0; channel < 3; channel++) {
        const under =
          line[first + channel] + (line[second + channel] - line[first + channel]) * columns.share[x];
        data[at + channel] += (under - data[at + channel]) * show + 0.5;
      }
    }
  }
  return { data, width, height };
}
