import { gaussianBlur } from '../../image';
import { defineTransform, seed, uniform } from '../fields';
import { Random } from '../random';
import type { Size } from '../types';

/** Nodes of the field to one standard deviation of its smoothness: between them it is as good as straight. */
const NODES = 4;

/**
 * Rubber: every pixel is shifted a little, neighbours alike (P. Simard et al., "Best practices for convolutional neural
 * networks", 2003). `shift` is the root of its mean square and `smoothness` the deviation of the Gaussian that smooths
 * it, both as shares of the shorter side.
 */
export const elastic = defineTransform(
  { shift: uniform(0, 0.1, [0.002, 0.006]), smoothness: uniform(0.01, 1, [0.06, 0.12]), seed: seed() },
  {
    danger: 'A shift of more than about 0.01 bends the text on the pack.',
    effects: (drawn, size) => {
      const side = Math.min(size.width, size.height);
      const field = elasticField(size, drawn.shift * side, drawn.smoothness * side, drawn.seed);
      const { columns, rows, step } = field;
      return [
        {
          kind: 'geometry',
          prepare({ arena }) {
            const [across, down] = [arena.put(field.across), arena.put(field.down)];
            return (x, y, count) => arena.kernels.shift(x, y, count, across, down, columns, rows, step);
          },
        },
      ];
    },
  },
);

/**
 * Shifts at the nodes of a grid over a picture.
 * @param deviation of the shifts along each axis, in pixels
 * @param sigma of the Gaussian that smooths them, in pixels
 */
export function elasticField({ width, height }: Size, deviation: number, sigma: number, from: number) {
  const step = Math.max(1, sigma / NODES);
  const columns = Math.max(2, Math.ceil(width / step) + 1);
  const rows = Math.max(2, Math.ceil(height / step) + 1);
  const random = new Random(from);
  const smooth = sigma / step;
  // A Gaussian of s cells leaves 1 / (4 pi s^2) of the variance of noise that is different in each cell.
  const scale = deviation * Math.sqrt(4 * Math.PI) * smooth;
  // The border is cut off: nodes there have fewer neighbours, and so more variance.
  const margin = Math.ceil(3 * smooth);
  const [wide, high] = [columns + 2 * margin, rows + 2 * margin];
  const axis = () => {
    const noise = Float32Array.from({ length: wide * high }, () => random.normal());
    const blurred = gaussianBlur(noise, wide, high, smooth);
    const field = new Float32Array(columns * rows);
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++)
        field[y * columns + x] = scale * blurred[(y + margin) * wide + x + margin];
    }
    return field;
  };
  return { across: axis(), down: axis(), columns, rows, step };
}
