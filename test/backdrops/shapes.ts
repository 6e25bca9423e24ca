import type { Alpha, RgbImage } from '../../lib/contracts';
import type { Placed } from '../../lib/backdrops';

/** A grey product that covers `isInside` of a frame. */
export function placed(
  width: number,
  height: number,
  isInside: (x: number, y: number) => boolean,
  color: [number, number, number] = [120, 120, 120],
): Placed {
  const alpha: Alpha = { data: new Uint8Array(width * height), width, height };
  const image: RgbImage = { data: new Uint8Array(width * height * 3), width, height };
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      if (!isInside(x, y)) continue;
      alpha.data[pixel] = 255;
      image.data.set(color, pixel * 3);
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
  }
  return { image, alpha, x: 0, y: 0, box: [left, top, right - left, bottom - top], scale: 1 };
}
