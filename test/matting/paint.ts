import type { RgbImage } from '../../lib/contracts';

// Looked up once: in a test's own context each look at a global costs more than the sine.
const { floor, hypot, round, sin } = Math;

export type Colour = readonly number[];
export type Paint = (x: number, y: number) => Colour;

/** Each pixel is the mean of 3 x 3 samples, so that edges are as soft as a camera's. */
export function paint(width: number, height: number, colour: Paint): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sum = [0, 0, 0];
      for (let n = 0; n < 9; n++) {
        const sample = colour(x + ((n % 3) - 1) / 3, y + (floor(n / 3) - 1) / 3);
        for (let c = 0; c < 3; c++) sum[c] += sample[c];
      }
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = round(sum[c] / 9);
    }
  }
  return { data, width, height };
}

/** A repeatable number from -1 to 1. */
export function noise(x: number, y: number): number {
  const value = sin(floor(x) * 127.1 + floor(y) * 311.7) * 43758.5453;
  return 2 * (value - floor(value)) - 1;
}

export const disc = (x: number, y: number, cx = 150, cy = 120, radius = 70) => hypot(x - cx, y - cy) < radius;
export const RED: Colour = [180, 40, 50];
export const grey = (level: number): Colour => [level, level, level];
