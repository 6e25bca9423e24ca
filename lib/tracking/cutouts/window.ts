import type { Alpha, BoundingBox } from '../../contracts';
import { boundingBox } from '../../image';

/** What is seen of an object's surroundings, in shares of its longer side, on each side. */
const MARGIN = 0.35;
/** Pixels of a frame that a window has at least on each side: less shows a network nothing. */
const LEAST = 16;

interface Size {
  width: number;
  height: number;
}

/** The part of a frame that shows an object and what surrounds it. */
export function windowAround([x, y, width, height]: BoundingBox, frame: Size): BoundingBox {
  const margin = Math.max(width, height) * MARGIN;
  const [left, across] = within(x - margin, width + 2 * margin, frame.width);
  const [top, down] = within(y - margin, height + 2 * margin, frame.height);
  return [left, top, across, down];
}

/** The frame as a window. */
export function wholeOf({ width, height }: Size): BoundingBox {
  return [0, 0, width, height];
}

/** A range of whole pixels inside of 0..length, and where it begins and how long it is. */
function within(start: number, size: number, length: number): [number, number] {
  const least = Math.min(LEAST, length);
  const from = Math.min(length - least, Math.max(0, Math.round(start)));
  const to = Math.max(from + least, Math.min(length, Math.round(start + size)));
  return [from, to - from];
}

/** Where the product is, in pixels of the frame; nothing where a matte shows none. */
export function objectIn(alpha: Alpha, [x, y, width, height]: BoundingBox): BoundingBox | undefined {
  const found = boundingBox(alpha, 127);
  if (!found) return undefined;
  const [across, down] = [width / alpha.width, height / alpha.height];
  return [x + found[0] * across, y + found[1] * down, found[2] * across, found[3] * down];
}

/**
 * A matte of one window as it lies in another one, 0 outside of it.
 * @param size of the result, in pixels
 */
export function moveMatte(matte: Alpha, from: BoundingBox, to: BoundingBox, size: Size): Alpha {
  const data = new Uint8Array(size.width * size.height);
  const columns = places(size.width, to[0], to[2], from[0], from[2], matte.width);
  const rows = places(size.height, to[1], to[3], from[1], from[3], matte.height);
  for (let y = 0, i = 0; y < size.height; y++) {
    const row = rows[y];
    for (let x = 0; x < size.width; x++, i++) {
      if (row >= 0 && columns[x] >= 0) data[i] = matte.data[row * matte.width + columns[x]];
    }
  }
  return { data, width: size.width, height: size.height };
}

/** For each pixel of one side the nearest one of the other window, or -1 outside of it. */
function places(
  count: number,
  toStart: number,
  toSize: number,
  fromStart: number,
  fromSize: number,
  pixels: number,
): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => {
    const at = Math.floor(((toStart + ((i + 0.5) * toSize) / count - fromStart) * pixels) / fromSize);
    return at >= 0 && at < pixels ? at : -1;
  });
}
