import type { MemoryBank } from '../tracking';
import { putBfloat16 } from './bfloat16';
import type { Contract } from './contract';

/** Added to what a query thinks of a row that stands for nothing: its share becomes 0, in half precision too. */
const NOTHING = -1e4;

/** Rows of a memory with their positions: [rows, channels] each. */
export interface Rows {
  values: Float32Array;
  positions: Float32Array;
}

/** What is the same for every frame. */
export interface Places {
  /** Of the rows of one frame's memory. */
  spatial: Float32Array;
  /** By age, the one for frames with a prompt last. */
  temporal: readonly (readonly number[])[];
}

/** The frames of a bank, one below the other. */
export function spatialRows({ memories }: MemoryBank, { spatial, temporal }: Places): Rows {
  const size = spatial.length;
  const values = new Float32Array(memories.length * size);
  const positions = new Float32Array(memories.length * size);
  memories.forEach(({ memory, age }, i) => {
    putBfloat16(memory.tokens, values, i * size);
    const time = temporal.at(age === undefined ? -1 : age - 1)!;
    for (let at = 0, from = i * size; at < size; at++)
      positions[from + at] = spatial[at] + time[at % time.length];
  });
  return { values, positions };
}

/**
 * The pointers of a bank, each cut to rows.
 * @param times the position of each, [pointers, channels of a row]
 */
export function pointerRows({ pointers }: MemoryBank, times: Float32Array, row: number): Rows {
  const numbers = pointers[0].pointer.length;
  const values = new Float32Array(pointers.length * numbers);
  const positions = new Float32Array(values.length);
  pointers.forEach(({ pointer }, i) => {
    values.set(pointer, i * numbers);
    const time = times.subarray(i * row, (i + 1) * row);
    for (let from = 0; from < numbers; from += row) positions.set(time, i * numbers + from);
  });
  return { values, positions };
}

/**
 * The part of a bank that fits: of the frames those with a prompt and the nearest, of the pointers the first.
 */
export function cutBank({ memories, pointers, span }: MemoryBank, contract: Contract): MemoryBank {
  const { slots = Infinity, pointers: most } = contract;
  const prompted = memories.filter(({ age }) => age === undefined).slice(-slots);
  const tracked = memories.filter(({ age }) => age !== undefined);
  const room = slots - prompted.length;
  return {
    memories: [...prompted, ...tracked.slice(Math.max(0, tracked.length - room))],
    pointers: contract.slots ? pointers.slice(0, most) : pointers,
    span,
  };
}

/**
 * A bank of one size.
 * @returns `mask` is 0 for each row that stands for something
 */
export function fixedRows(spatial: Rows, pointers: Rows, contract: Contract): Rows & { mask: Float32Array } {
  const { slots = 0, tokens, pointers: most, channels, memoryChannels: width } = contract;
  const start = slots * tokens * width;
  const rows = slots * tokens + (most * channels) / width;
  const [values, positions] = [new Float32Array(rows * width), new Float32Array(rows * width)];
  const mask = new Float32Array(rows).fill(NOTHING);
  for (const [part, from, to] of [
    [spatial, 0, start],
    [pointers, start, rows * width],
  ] as const) {
    mask.fill(0, from / width, (from + part.values.length) / width);
    // A graph that cannot be told of empty rows sees the same ones again: zeros would be a memory of an empty scene.
    for (let at = from; at < to; at += part.values.length) {
      const count = Math.min(part.values.length, to - at);
      values.set(part.values.subarray(0, count), at);
      positions.set(part.positions.subarray(0, count), at);
    }
  }
  return { values, positions, mask };
}
