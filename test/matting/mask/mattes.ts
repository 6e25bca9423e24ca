import type { Alpha } from '../../../lib/contracts';

// Calls of Math in loops over pixels take seconds under jest.
const { sqrt } = Math;

/** A matte from a function of pixel centres; values are limited to 0..255 and rounded. */
export function matte(width: number, height: number, value: (x: number, y: number) => number): Alpha {
  const data = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const level = value(x + 0.5, y + 0.5);
      data[at++] = level <= 0 ? 0 : level >= 255 ? 255 : level + 0.5;
    }
  }
  return { data, width, height };
}

/** Cover of a disc, 0..255, with an edge that takes `softness` pixels. */
export function disc(x: number, y: number, cx: number, cy: number, radius: number, softness = 1): number {
  const cover = (radius - sqrt((x - cx) ** 2 + (y - cy) ** 2)) / softness + 0.5;
  return cover <= 0 ? 0 : cover >= 1 ? 255 : 255 * cover;
}

export const at = ({ data, width }: Alpha, x: number, y: number): number => data[y * width + x];

/** Pixels where two mattes differ. toEqual on a large typed array takes minutes. */
export function differences(a: Alpha, b: Alpha): number {
  let count = 0;
  for (let i = 0; i < a.data.length; i++) if (a.data[i] !== b.data[i]) count++;
  return count;
}

export function sum({ data }: Alpha): number {
  return data.reduce((total, value) => total + value, 0);
}
