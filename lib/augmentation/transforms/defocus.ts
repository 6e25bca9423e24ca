import { convolution, tapsOf } from '../convolution';
import { defineTransform, uniform, whole } from '../fields';
import { gaussianWeights } from './gaussian-blur';

/** The square of weights reaches at least so far. */
const REACH = 8;

/** Out of focus: a disc of `radius` pixels, its edge softened by a Gaussian of `softness` pixels. */
export const defocus = defineTransform(
  { radius: whole(1, 50, [1, 2]), softness: uniform(0.05, 2, [0.1, 0.5]) },
  {
    danger: 'From about 3 pixels on small print cannot be read.',
    effects: ({ radius, softness }) => convolution(tapsOf(discWeights(radius, softness))),
  },
);

/** A disc, blurred by 3 x 3 weights (5 x 5 for a large one). */
function discWeights(radius: number, softness: number): number[] {
  const reach = Math.max(REACH, radius);
  const side = 2 * reach + 1;
  const disc = Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [(at % side) - reach, Math.floor(at / side) - reach];
    return x * x + y * y <= radius * radius ? 1 : 0;
  });
  const area = disc.reduce((sum: number, weight) => sum + weight, 0);
  const soft = gaussianWeights(softness, radius <= REACH ? 1 : 2);
  const half = soft.length >> 1;
  // Mirrored at the outermost weights, as a picture is.
  const place = (at: number) => (at < 0 ? -at : at >= side ? 2 * (side - 1) - at : at);
  return disc.map((_, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    let sum = 0;
    for (let v = -half; v <= half; v++) {
      for (let u = -half; u <= half; u++) {
        sum += soft[v + half] * soft[u + half] * disc[place(y + v) * side + place(x + u)];
      }
    }
    return sum / area;
  });
}
