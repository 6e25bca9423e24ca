import type { Alpha, RgbImage } from '../../contracts';

/** Steps of each channel. */
const STEPS = 6;

/** How often each colour occurs; the sum of all is 1. */
export type Appearance = Float32Array;

/**
 * The colours of an object.
 * @param alpha of the picture's size
 */
export function appearanceOf({ data }: RgbImage, alpha: Alpha): Appearance {
  const counts = new Float32Array(STEPS ** 3);
  let total = 0;
  for (let i = 0; i < alpha.data.length; i++) {
    if (alpha.data[i] < 160) continue;
    const red = (data[i * 3] * STEPS) >> 8;
    const green = (data[i * 3 + 1] * STEPS) >> 8;
    const blue = (data[i * 3 + 2] * STEPS) >> 8;
    counts[(red * STEPS + green) * STEPS + blue]++;
    total++;
  }
  return total ? counts.map((count) => count / total) : counts;
}

/** How alike two objects look, 0..1: the Bhattacharyya coefficient of their colours. */
export function likeness(one: Appearance, other: Appearance): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += Math.sqrt(one[i] * other[i]);
  return sum;
}

/** An appearance that follows what is seen, slowly. */
export function blend(known: Appearance, seen: Appearance, share: number): Appearance {
  return known.map((value, i) => value + (seen[i] - value) * share);
}
