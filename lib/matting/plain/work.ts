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
const MAX_PIXELS = 300_000;

/** Averages blocks of whole pixels; the last block of a row or column may be smaller. */
export function reduce(image: RgbImage): WorkImage {
  const scale = Math.max(1, Math.ceil(Math.sqrt((image.width * image.height) / MAX_PIXELS)));
  const width = Math.ceil(image.width / scale);
  const height = Math.ceil(image.height / scale);
  const rgb = scale === 1 ? image.data : blockMeans(image, scale, width, height);
  return { width, height, scale, rgb };
}

function blockMeans(
  { data, width, height }: RgbImage,
  scale: number,
  columns: number,
  rows: number,
): Uint8Array {
  const rgb = new Uint8Array(columns * rows * 3);
  for (let wy = 0, to = 0; wy < rows; wy++) {
    const top = wy * scale;
    const bottom = Math.min(height, top + scale);
    for (let wx = 0; wx < columns; wx++, to += 3) {
      const left = wx * scale;
      const right = Math.min(width, left + scale);
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let y = top; y < bottom; y++) {
        const end = (y * width + right) * 3;
        for (let at = (y * width + left) * 3; at < end; at += 3) {
          red += data[at];
          green += data[at + 1];
          blue += data[at + 2];
        }
      }
      const count = (bottom - top) * (right - left);
      rgb[to] = red / count + 0.5;
      rgb[to + 1] = green / count + 0.5;
      rgb[to + 2] = blue / count + 0.5;
    }
  }
  return rgb;
}
