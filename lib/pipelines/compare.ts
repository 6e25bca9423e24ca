import type { Alpha, RgbImage } from '../contracts';
import { flatten, resizeRgb } from '../image';

/** Room between the two, as a share of the height. */
const GAP = 0.02;
const WHITE: [number, number, number] = [255, 255, 255];

interface Picture {
  rgb: RgbImage;
  alpha?: Alpha;
}

/** A photo and what became of it side by side, on white, both as high as the result. */
export async function sideBySide(photo: Picture, made: Picture): Promise<RgbImage> {
  const [opaque, after] = [photo, made].map(({ rgb, alpha }) => (alpha ? flatten(rgb, alpha, WHITE) : rgb));
  const { height } = after;
  const across = Math.max(1, Math.round((opaque.width * height) / opaque.height));
  const before = await resizeRgb(opaque, across, height);
  const gap = Math.max(1, Math.round(GAP * height));
  const width = across + gap + after.width;
  const data = new Uint8Array(width * height * 3).fill(255);
  for (let y = 0; y < height; y++) {
    const start = y * width * 3;
    data.set(before.data.subarray(y * across * 3, (y + 1) * across * 3), start);
    data.set(after.data.subarray(y * after.width * 3, (y + 1) * after.width * 3), start + (across + gap) * 3);
  }
  return { data, width, height };
}
