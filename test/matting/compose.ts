import type { Alpha, RgbImage } from '../../lib/contracts';

/** Red, green, blue, 0..255. */
export type Colour = [number, number, number];

/** A product over a backdrop: the photo, and its true matte. */
export function compose(
  width: number,
  height: number,
  front: (x: number, y: number) => Colour,
  back: (x: number, y: number) => Colour,
  opacity: (x: number, y: number) => number,
): { image: RgbImage; alpha: Alpha } {
  const image = { data: new Uint8Array(width * height * 3), width, height };
  const alpha = { data: new Uint8Array(width * height), width, height };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      alpha.data[i] = Math.floor(Math.min(1, Math.max(0, opacity(x, y))) * 255 + 0.5);
      const share = alpha.data[i] / 255;
      for (let c = 0; c < 3; c++) {
        image.data[i * 3 + c] = Math.floor(front(x, y)[c] * share + back(x, y)[c] * (1 - share) + 0.5);
      }
    }
  }
  return { image, alpha };
}
