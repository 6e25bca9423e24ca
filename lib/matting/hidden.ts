import { type Alpha, type BoundingBox, type RgbImage, invalid } from '../contracts';

/** @throws VitrineError INVALID_PARAMETER unless a matte is as large as its picture */
export function checkSizes({ width, height }: RgbImage, alpha: Alpha, name = 'alpha'): void {
  if (alpha.width === width && alpha.height === height) return;
  throw invalid(name, `${width} x ${height} pixels like its picture`, `${alpha.width} x ${alpha.height}`);
}

/**
 * A copy of the picture's pixels, 0 where alpha is.
 * @param box holds every pixel that is not hidden; undefined when there is none
 */
export function clearHidden({ data, width }: RgbImage, alpha: Alpha, box?: BoundingBox): Uint8Array {
  // For zeros that nobody writes to the system spends no memory.
  const visible = new Uint8Array(data.length);
  const [left, top, across, down] = box ?? [0, 0, 0, 0];
  for (let y = top; y < top + down; y++) {
    const start = y * width + left;
    for (let pixel = start, at = start * 3; pixel < start + across; pixel++, at += 3) {
      if (alpha.data[pixel] === 0) continue;
      visible[at] = data[at];
      visible[at + 1] = data[at + 1];
      visible[at + 2] = data[at + 2];
    }
  }
  return visible;
}
