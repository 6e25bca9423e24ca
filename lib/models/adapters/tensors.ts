import { VitrineError, type Alpha, type RgbImage } from '../../contracts';
import { fromHalf, toHalf, type Tensor, type TensorInfo } from '../../runtime';
import type { GraphInput, GraphOutput } from '../graph-schema';

/** Number formats that a network may be fed with and answer in. */
export const FLOATS = ['float32', 'float16'] as const;
export type FloatType = (typeof FLOATS)[number];

/** `(value / range - mean) / std` of a picture as [1, 3, height, width]; float16 as its bits in a Uint16Array. */
export function toNchw(
  { data, width, height }: RgbImage,
  { mean, std, range = 'byte' }: Pick<GraphInput, 'mean' | 'std'> & Partial<Pick<GraphInput, 'range'>>,
  type: FloatType = 'float32',
): Tensor {
  const pixels = width * height;
  const top = range === 'peak' ? peak(data) : 255;
  const values = type === 'float32' ? new Float32Array(3 * pixels) : new Uint16Array(3 * pixels);
  const [red, green, blue] = [0, 1, 2].map((channel) => {
    const table = Float32Array.from(
      { length: 256 },
      (_, byte) => (byte / top - mean[channel]) / std[channel],
    );
    return type === 'float32' ? table : toHalf(table);
  });
  for (let i = 0, from = 0; i < pixels; i++, from += 3) {
    values[i] = red[data[from]];
    values[pixels + i] = green[data[from + 1]];
    values[2 * pixels + i] = blue[data[from + 2]];
  }
  return { type, data: values, dims: [1, 3, height, width] };
}

/** The highest byte, at least 1: a black photo stays black. */
function peak(data: Uint8Array): number {
  let top = 1;
  for (let i = 0; i < data.length; i++) if (data[i] > top) top = data[i];
  return top;
}

/**
 * A float answer of shape [1, 1, H, W] or [1, H, W] as a matte: activation, then min-max, then 0..1 to 0..255.
 * @param model id for the error text
 * @throws VitrineError INVALID_MODEL for another shape or type, or values that are not finite
 */
export function toAlpha(
  { type, data, dims }: Tensor,
  { activation, normalise }: Pick<GraphOutput, 'activation' | 'normalise'>,
  model: string,
): Alpha {
  const [height, width] = dims.slice(-2);
  const planes = dims.slice(0, -2);
  if (!isFloat(type) || ![1, 2].includes(planes.length) || planes.some((size) => size !== 1)) {
    throw misfit(model, `answers ${type} [${dims.join(', ')}] where float32 [1, 1, H, W] is expected`);
  }
  const values = type === 'float16' ? fromHalf(data as Uint16Array) : (data as Float32Array);
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

function isFloat(type: string): type is FloatType {
  return (FLOATS as readonly string[]).includes(type);
}

/** Checks an input or output of a graph against the shape an adapter needs; open sizes fit anything, and an output may hide its shape. */
export function checkShape(
  model: string,
  info: TensorInfo,
  shapes: readonly (readonly (number | undefined)[])[],
): void {
  const fits =
    !info.shape.length ||
    shapes.some(
      (shape) =>
        info.shape.length === shape.length &&
        shape.every(
          (size, i) => size === undefined || typeof info.shape[i] === 'string' || info.shape[i] === size,
        ),
    );
  if (isFloat(info.type) && fits) return;
  const wanted = shapes.map((shape) => `[${shape.map((size) => size ?? 'any').join(', ')}]`).join(' or ');
  throw misfit(
    model,
    `has ${info.name} as ${info.type} [${info.shape.join(', ')}] where float32 ${wanted} is expected`,
  );
}

/** The graph and its registry entry disagree. */
export function misfit(model: string, what: string): VitrineError {
  return new VitrineError({
    code: 'INVALID_MODEL',
    message: `The network of ${model} ${what}`,
    hint: "Correct family, input and output in the model's registry entry, or export the network with float inputs and outputs of that shape.",
  });
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
