import { type Alpha, type RgbImage, invalid } from '../contracts';

/** @throws VitrineError INVALID_PARAMETER unless a matte is as large as its picture */
export function checkSizes({ width, height }: RgbImage, alpha: Alpha, name = 'alpha'): void {
  if (alpha.width === width && alpha.height === height) return;
  throw invalid(name, `${width} x ${height} pixels like its picture`, `${alpha.width} x ${alpha.height}`);
}

/** A copy of the picture's pixels, 0 where alpha is. */
export function clearHidden(image: RgbImage, alpha: Alpha): Uint8Array {
  const data = image.data.slice();
  for (let i = 0; i < alpha.data.length;) {
    if (alpha.data[i] !== 0) {
      i++;
      continue;
    }
    const start = i;
    while (i < alpha.data.length && alpha.data[i] === 0) i++;
    data.fill(0, start * 3, i * 3);
  }
  return data;
}
