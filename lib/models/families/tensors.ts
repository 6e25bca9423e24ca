import { VitrineError, type RgbImage } from '../../contracts';
import { fromHalf, toHalf, type Tensor, type TensorInfo } from '../../runtime';

/** Number formats that a network may be fed with and answer in. */
const FLOATS = ['float32', 'float16'] as const;
export type FloatType = (typeof FLOATS)[number];

/** How the bytes of a picture become the numbers that a network was trained on. */
export interface Normalisation {
  /** One number for each channel, in RGB order. */
  mean: readonly number[];
  std: readonly number[];
  /** What a byte is divided by: 255, or the picture's own highest value. Default: `byte`. */
  range?: 'byte' | 'peak';
}

/** `(value / range - mean) / std` of a picture as [1, 3, height, width]; float16 as its bits in a Uint16Array. */
export function toNchw(
  { data, width, height }: RgbImage,
  { mean, std, range = 'byte' }: Normalisation,
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

export function isFloat(type: string): type is FloatType {
  return (FLOATS as readonly string[]).includes(type);
}

/** Numbers as a graph takes them; float16 as its bits in a Uint16Array. The buffer is a copy. */
export function floatTensor(values: Float32Array, dims: readonly number[], type: FloatType): Tensor {
  return { type, data: type === 'float16' ? toHalf(values) : values.slice(), dims };
}

/**
 * Whole numbers as a graph takes them: exports have them as int32, int64 or floats.
 * @throws VitrineError INVALID_MODEL where the input has another type
 */
export function numberTensor(
  model: string,
  { name, type }: TensorInfo,
  values: readonly number[],
  dims: readonly number[],
): Tensor {
  if (type === 'int64') return { type, data: BigInt64Array.from(values, (value) => BigInt(value)), dims };
  if (type === 'int32') return { type, data: Int32Array.from(values), dims };
  if (isFloat(type)) return floatTensor(Float32Array.from(values), dims, type);
  throw misfit(model, `has ${name} as ${type} where int64, int32 or float32 is expected`);
}

/**
 * An input or output of a graph by its name.
 * @throws VitrineError INVALID_MODEL where there is none
 */
export function named(model: string, what: 'input' | 'output', list: readonly TensorInfo[], name: string) {
  const found = list.find((each) => each.name === name);
  if (found) return found;
  throw misfit(model, `has no ${what} ${name}, only ${list.map((each) => each.name).join(', ')}`);
}

/** The numbers of a float answer. */
export function floatsOf({ type, data }: Tensor): Float32Array {
  return type === 'float16' ? fromHalf(data as Uint16Array) : (data as Float32Array);
}

/**
 * Checks an input or output of a graph against the shapes that its family takes; open sizes fit anything, and an output
 * may hide its shape.
 * @param model id for the error text
 * @throws VitrineError INVALID_MODEL
 */
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

/** A matrix of `rows` rows with rows and columns changed over. */
export function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0, at = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, at++) result[column * rows + row] = values[at];
  return result;
}

/** The graph and its registry entry disagree. */
export function misfit(model: string, what: string): VitrineError {
  return new VitrineError({
    code: 'INVALID_MODEL',
    message: `The network of ${model} ${what}`,
    hint: "Correct family, input and output in the model's registry entry, or export the network with float inputs and outputs of that shape.",
  });
}
