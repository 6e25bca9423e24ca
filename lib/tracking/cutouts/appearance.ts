import type { Alpha, RgbImage } from '../../contracts';

/** Steps of each channel. */
const STEPS = 6;

/** Values of a matte from which on a pixel is the object, and below which it is its surroundings, 0..255. */
const [OBJECT, GROUND] = [160, 40];

/** How often each colour occurs; the sum of all is 1, or 0 where there are none. */
export type Appearance = Float32Array;

/** The colours of an object, and of what surrounds it. */
export interface Colours {
  object: Appearance;
  ground: Appearance;
}

/** @param alpha of the picture's size */
export function coloursOf({ data }: RgbImage, alpha: Alpha): Colours {
  const [object, ground] = [0, 1].map(() => new Float32Array(STEPS ** 3));
  for (let i = 0; i < alpha.data.length; i++) {
    const cover = alpha.data[i];
    if (cover >= OBJECT) object[colourAt(data, i)]++;
    else if (cover < GROUND) ground[colourAt(data, i)]++;
  }
  return { object: shares(object), ground: shares(ground) };
}

/** The place in an `Appearance` of a pixel's colour. */
export function colourAt(data: Uint8Array, pixel: number): number {
  const red = (data[pixel * 3] * STEPS) >> 8;
  const green = (data[pixel * 3 + 1] * STEPS) >> 8;
  const blue = (data[pixel * 3 + 2] * STEPS) >> 8;
  return (red * STEPS + green) * STEPS + blue;
}

function shares(counts: Float32Array): Appearance {
  const total = counts.reduce((sum, count) => sum + count, 0);
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
