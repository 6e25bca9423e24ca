import { type RgbImage, invalid } from '../contracts';
import { LINEAR, cropTo, resizeRgb } from '../image';
import type { Backdrop, Stage } from './types';

/** The user's own picture: it covers the frame, and what is too much is cut off around its focus. */
export async function drawImage({ width, height, look, picture }: Stage): Promise<Backdrop> {
  if (!picture) throw invalid('backdrop', 'a picture, for the engine image', undefined);
  const { data } = await cover(picture, { width, height }, look.focus);
  return {
    horizon: look.horizon * height,
    paint(y, row) {
      const start = y * width * 3;
      for (let at = 0; at < row.length; at++) row[at] = LINEAR[data[start + at]];
    },
  };
}

/** Scales a picture so that it covers a frame, and cuts off what is too much around its focus. */
export async function cover(
  picture: RgbImage,
  { width, height }: { width: number; height: number },
  [focusX, focusY]: readonly [number, number],
): Promise<RgbImage> {
  const scale = Math.max(width / picture.width, height / picture.height);
  const across = Math.min(picture.width, Math.max(1, Math.round(width / scale)));
  const down = Math.min(picture.height, Math.max(1, Math.round(height / scale)));
  const left = Math.round(Math.min(Math.max(0, focusX * picture.width - across / 2), picture.width - across));
  const top = Math.round(Math.min(Math.max(0, focusY * picture.height - down / 2), picture.height - down));
  return resizeRgb(cropTo(picture, [left, top, across, down]), width, height);
}
