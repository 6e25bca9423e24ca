import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alpha, ImageLimits, RgbImage } from '../../lib/contracts';

export const limits: ImageLimits = {
  maxBytes: 100 * 1024 * 1024,
  maxPixels: 64_000_000,
  maxSide: 16_384,
  timeoutSeconds: 20,
};

/** A folder that goes away with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-image-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Equal numbers in every run, 0..1. */
export function randomNumbers(seed = 7): () => number {
  const { imul } = Math;
  let state = seed;
  return () => {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Paints a picture pixel by pixel. */
export function paint(
  width: number,
  height: number,
  color: (x: number, y: number) => readonly [number, number, number],
): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at += 3) data.set(color(x, y), at);
  return { data, width, height };
}

/** Draws a matte pixel by pixel. */
export function matte(width: number, height: number, value: (x: number, y: number) => number): Alpha {
  const data = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at++) data[at] = value(x, y);
  return { data, width, height };
}

export function pixel(image: RgbImage, x: number, y: number): number[] {
  const at = (y * image.width + x) * 3;
  return [...image.data.subarray(at, at + 3)];
}

/** Mean and largest absolute difference of two equally long lists. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): { mean: number; most: number } {
  if (a.length !== b.length) throw new Error(`${a.length} values cannot be compared with ${b.length}`);
  let sum = 0;
  let most = 0;
  for (let at = 0; at < a.length; at++) {
    const off = Math.abs(a[at] - b[at]);
    sum += off;
    most = Math.max(most, off);
  }
  return { mean: sum / a.length, most };
}

/** Peak signal to noise ratio in dB. */
export function quality(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] - b[at]) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / sum);
}
