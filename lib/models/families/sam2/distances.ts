import type { Constants } from './constants';

/** The wavelengths of a sine embedding go up to this many times 2 pi. */
const LONGEST = 10_000;

type Projection = NonNullable<Constants['temporal_positional_encoding_projection_layer']>;

/**
 * Positions of pointers from their distances: a sine embedding (Attention Is All You Need, 3.5), halves apart as
 * `get_1d_sine_pe` of SAM 2 has them, then a linear layer.
 * @param distances in parts of the span
 * @returns [distances, rows of the weight]
 */
export function embedDistances(distances: readonly number[], { weight, bias }: Projection): Float32Array {
  const half = weight[0].length / 2;
  const waves = Array.from({ length: half }, (_, i) => LONGEST ** ((2 * Math.floor(i / 2)) / half));
  const result = new Float32Array(distances.length * bias.length);
  distances.forEach((distance, at) => {
    const embedded = [
      ...waves.map((wave) => Math.sin(distance / wave)),
      ...waves.map((wave) => Math.cos(distance / wave)),
    ];
    bias.forEach((start, row) => {
      result[at * bias.length + row] = weight[row].reduce((sum, each, i) => sum + each * embedded[i], start);
    });
  });
  return result;
}
