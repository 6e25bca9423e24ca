import { convolution, tapsOf } from '../convolution';
import { defineTransform, odd, uniform } from '../fields';

/** Blurs along a line of `size` pixels, at `angle` degrees; `direction` from -1 (only backward) to 1 (only forward). */
export const motionBlur = defineTransform(
  { size: odd(3, 99, [3, 5]), angle: uniform(0, 360, [0, 360]), direction: uniform(-1, 1, [-1, 1]) },
  {
    danger: 'From about 7 pixels on small print cannot be read.',
    effects: ({ size, angle, direction }) => convolution(tapsOf(lineWeights(size, angle, direction))),
  },
);

/** A line through the middle of a square of weights. */
export function lineWeights(size: number, angle: number, direction: number): number[] {
  const middle = size >> 1;
  const radians = (angle * Math.PI) / 180;
  const [start, end] = [-middle * (1 - Math.max(0, direction)), middle * (1 + Math.min(0, direction))];
  const places = Array.from({ length: size }, (_, at) => {
    const along = start + ((end - start) * at) / (size - 1);
    const across = Math.round(middle + Math.cos(radians) * along);
    return Math.round(middle + Math.sin(radians) * along) * size + across;
  });
  const line = new Set(places);
  return Array.from({ length: size * size }, (_, at) => (line.has(at) ? 1 / line.size : 0));
}
