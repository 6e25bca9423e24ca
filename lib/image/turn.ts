import type { Alpha, RgbImage } from '../contracts';

/**
 * Turns a picture or a matte clockwise.
 * @param quarters of a turn, 0..3
 * @returns a new one, or the same where nothing is turned
 */
export function turn<T extends RgbImage | Alpha>(image: T, quarters: number): T {
  if (quarters === 0) return image;
  const { data, width, height } = image;
  const channels = data.length / (width * height);
  const isSideways = quarters % 2 === 1;
  const out = { width: isSideways ? height : width, height: isSideways ? width : height };
  const turned = new Uint8Array(data.length);
  // Where the first pixel comes from, and how far on its neighbours to the right and below are.
  const [start, across, down] = [
    [0, 1, width],
    [(height - 1) * width, -width, 1],
    [width * height - 1, -1, -width],
    [width - 1, width, -1],
  ][quarters];
  for (let y = 0, to = 0; y < out.height; y++) {
    for (let x = 0, from = start + y * down; x < out.width; x++, from += across, to += channels) {
      for (let c = 0; c < channels; c++) turned[to + c] = data[from * channels + c];
    }
  }
  return { ...image, ...out, data: turned };
}
