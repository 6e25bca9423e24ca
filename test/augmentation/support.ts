import type { Effect } from '../../lib/augmentation/types';
import type { TRANSFORMS } from '../../lib/augmentation/transforms';

/** What is drawn of a transform. */
export type Drawn<Name extends keyof typeof TRANSFORMS> = Parameters<(typeof TRANSFORMS)[Name]['effects']>[0];

/** A map that says for each pixel where it comes from, as the library keeps it. */
export function fromMaps(parameters: Record<string, any>): Effect[] {
  const { map_x, map_y } = parameters;
  let row = 0;
  return [
    {
      kind: 'geometry',
      prepare:
        ({ arena }) =>
        (x, y, count) => {
          const last = map_x.length / count - 1;
          const from = Math.min(row++, last) * count;
          const put = (at: number, list: Float32Array) =>
            arena.bytes(at, 4 * count).set(new Uint8Array(list.slice(from, from + count).buffer));
          put(x, map_x);
          put(y, map_y);
        },
    },
  ];
}

export function moments(values: ArrayLike<number>): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    sum += values[at];
    squares += values[at] ** 2;
  }
  const mean = sum / values.length;
  return { mean, deviation: Math.sqrt(squares / values.length - mean * mean) };
}
