import type { Alpha, RgbImage } from '../contracts';

/** Lays the product over a backdrop of the same size. */
export function overlay(image: RgbImage, alpha: Alpha, backdrop: RgbImage): RgbImage {
  const data = new Uint8Array(image.data.length);
  for (let pixel = 0, at = 0; pixel < alpha.data.length; pixel++) {
    const cover = alpha.data[pixel];
    for (const end = at + 3; at < end; at++) {
      data[at] = (backdrop.data[at] * (255 - cover) + image.data[at] * cover + 127) / 255;
    }
  }
  return { data, width: image.width, height: image.height };
}
