import type { RgbImage } from '../contracts';
import { detailNorm } from './wavelet';

const BLOCK = 16;
/** Blocks looked at along the longer side of the picture, at most. */
const BLOCKS = 96;
/** Blocks darker or brighter than this say nothing: clipping hides their noise. */
const DARK = 8;
const BRIGHT = 247;
/** The share of blocks that are taken to be flat; their detail is noise. */
const FLAT = 0.25;

/**
 * Standard deviation of the noise in Y, Cb and Cr (ITU-T T.871), in levels of 0..255, from the finest detail of the
 * flattest quarter of blocks.
 */
export function estimateNoise({ data, width, height }: RgbImage): [number, number, number] {
  const step = Math.max(BLOCK, Math.ceil(Math.max(width, height) / BLOCKS));
  const found: [number[], number[], number[]] = [[], [], []];
  for (let top = 1; top + BLOCK < height; top += step) {
    for (let left = 1; left + BLOCK < width; left += step) {
      const block = measure(data, width, left, top);
      if (block) found.forEach((list, plane) => list.push(block[plane]));
    }
  }
  return found.map((list) => {
    if (!list.length) return 0;
    list.sort((a, b) => a - b);
    return list[Math.floor(list.length * FLAT)] / detailNorm(0);
  }) as [number, number, number];
}

/** Root mean square of the finest detail of one block, or undefined where it is clipped. */
function measure(
  data: Uint8Array,
  width: number,
  left: number,
  top: number,
): [number, number, number] | undefined {
  const sums = [0, 0, 0];
  let brightness = 0;
  for (let y = top; y < top + BLOCK; y++) {
    for (let x = left; x < left + BLOCK; x++) {
      const at = (y * width + x) * 3;
      const red = detail(data, at, width * 3);
      const green = detail(data, at + 1, width * 3);
      const blue = detail(data, at + 2, width * 3);
      brightness += data[at] + data[at + 1] + data[at + 2];
      sums[0] += (0.299 * red + 0.587 * green + 0.114 * blue) ** 2;
      sums[1] += (-0.168736 * red - 0.331264 * green + 0.5 * blue) ** 2;
      sums[2] += (0.5 * red - 0.418688 * green - 0.081312 * blue) ** 2;
    }
  }
  const mean = brightness / (3 * BLOCK * BLOCK);
  if (mean < DARK || mean > BRIGHT) return undefined;
  return sums.map((sum) => Math.sqrt(sum / (BLOCK * BLOCK))) as [number, number, number];
}

/** A value less its 1-2-1 mean: the finest wavelet detail. */
function detail(data: Uint8Array, at: number, row: number): number {
  const above = data[at - row - 3] + 2 * data[at - row] + data[at - row + 3];
  const middle = data[at - 3] + 2 * data[at] + data[at + 3];
  const below = data[at + row - 3] + 2 * data[at + row] + data[at + row + 3];
  return data[at] - (above + 2 * middle + below) / 16;
}
