import type { Alpha } from '../../../contracts';
import type { Tensor } from '../../../runtime';
import { floatsOf, isFloat, misfit } from '../tensors';
import type { GraphOutput } from './fields';

/**
 * A float answer of shape [1, 1, H, W] or [1, H, W] as a matte: activation, then min-max, then 0..1 to 0..255.
 * @param model id for the error text
 * @throws VitrineError INVALID_MODEL for another shape or type, or values that are not finite
 */
export function toAlpha(
  answer: Tensor,
  { activation, normalise }: Pick<GraphOutput, 'activation' | 'normalise'>,
  model: string,
): Alpha {
  const { type, dims } = answer;
  const [height, width] = dims.slice(-2);
  const planes = dims.slice(0, -2);
  if (!isFloat(type) || ![1, 2].includes(planes.length) || planes.some((size) => size !== 1)) {
    throw misfit(model, `answers ${type} [${dims.join(', ')}] where float32 [1, 1, H, W] is expected`);
  }
  const values = floatsOf(answer);
  const [low, high] = range(values, model);
  const read = activation === 'sigmoid' ? sigmoid : (value: number) => value;
  // Sigmoid grows with its argument, so the ends of the range stay the ends.
  const bottom = normalise === 'minmax' ? read(low) : 0;
  const span = normalise === 'minmax' ? read(high) - bottom : 1;
  const scale = span > 1e-6 ? 255 / span : 0;
  const alpha = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i++) {
    const value = (read(values[i]) - bottom) * scale;
    alpha[i] = value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5;
  }
  return { data: alpha, width, height };
}

function range(values: Float32Array, model: string): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  let check = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
    // Zero unless a value is not finite: several times faster than asking of each.
    check += value * 0;
  }
  if (check === 0) return [low, high];
  const i = values.findIndex((value) => !Number.isFinite(value));
  throw misfit(model, `answers ${values[i]} at position ${i} where finite numbers are expected`);
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
