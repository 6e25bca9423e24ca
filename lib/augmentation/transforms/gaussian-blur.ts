import { type Tap, convolution } from '../convolution';
import { defineTransform, uniform } from '../fields';

/** Blurs with a Gaussian, its deviation in pixels. */
export const gaussianBlur = defineTransform(
  { sigma: uniform(0.1, 50, [0.3, 1.2]) },
  {
    danger: 'From about 2 pixels on small print cannot be read.',
    effects: ({ sigma }) => {
      const weights = gaussianWeights(sigma);
      const middle = weights.length >> 1;
      if (middle === 0) return [];
      const along = (axis: 'x' | 'y') =>
        weights.map((weight, at): Tap => ({ x: 0, y: 0, [axis]: at - middle, weight }));
      return convolution(along('x'), along('y'));
    },
  },
);

/** As far as 3.5 deviations. */
export function gaussianWeights(sigma: number, radius = Math.floor(3.5 * sigma)): number[] {
  const weights = Array.from({ length: 2 * radius + 1 }, (_, at) =>
    Math.exp(-0.5 * ((at - radius) / sigma) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
