import type { RgbImage } from '../../contracts';

/** The photo brought down to a size at which whole-picture decisions are cheap. */
export interface WorkImage {
  /** Work pixels. */
  width: number;
  /** Work pixels. */
  height: number;
  /** Photo pixels per work pixel and direction, a whole number from 1. */
  scale: number;
  /** Interleaved sRGB, the mean of each `scale` x `scale` block. */
  rgb: Uint8Array;
}

/** Above this many pixels the next coarser whole scale is taken. */
const MAX_PIXELS = 720_000;

/**
 * Averages blocks of whole pixels; the last block of a row or column may be smaller.
 * @param pixels at most, about
 */
export function reduce(image: RgbImage, pixels = MAX_PIXELS): WorkImage {
  const scale = Math.max(1, Math.ceil(Math.sqrt((image.width * image.height) / pixels)));
  const width = Math.ceil(image.width / scale);
  const height = Math.ceil(image.height / scale);
  const rgb = scale === 1 ? image.data : blockMeans(image, scale, width, height);
  return { width, height, scale, rgb };
}

function blockMeans(image: RgbImage, scale: number, width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  const sums = new Uint32Array(width * 3);
  const rowLength = image.width * 3;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    const firstRow = y * scale;
    const rows = Math.min(scale, image.height - firstRow);
    for (let row = firstRow; row < firstRow + rows; row++) {
      let at = row * rowLength;
      for (let x = 0; x < width; x++) {
        const end = Math.min(at + scale * 3, (row + 1) * rowLength);
        let red = 0;
        let green = 0;
        let blue = 0;
        for (; at < end; at += 3) {
          red += image.data[at];
          green += image.data[at + 1];
          blue += image.data[at + 2];
        }
        sums[x * 3] += red;
        sums[x * 3 + 1] += green;
        sums[x * 3 + 2] += blue;
      }
    }
    const out = y * width * 3;
    for (let x = 0; x < width; x++) {
      const count = rows * Math.min(scale, image.width - x * scale);
      for (let c = 0; c < 3; c++) rgb[out + x * 3 + c] = Math.round(sums[x * 3 + c] / count);
    }
  }
  return rgb;
}
