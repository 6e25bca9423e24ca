import type { Alpha, RgbImage } from '../contracts';

/**
 * Exchanges left and right of a picture or a matte.
 * @returns a new one
 */
export function mirror<T extends RgbImage | Alpha>(image: T): T {
  const { data, width, height } = image;
  const channels = data.length / (width * height);
  const mirrored = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const from = (row + x) * channels;
      const to = (row + width - 1 - x) * channels;
      for (let c = 0; c < channels; c++) mirrored[to + c] = data[from + c];
    }
  }
  return { ...image, data: mirrored };
}
