import type { Effect } from './types';

/** Cut to 0..255 and to whole numbers. */
export const cut = (value: number) => Math.floor(Math.max(0, Math.min(255, value)));

/** The same for red, green and blue: what becomes of each level, 0..255. */
export function tableOf(value: (level: number) => number): Effect {
  return { kind: 'tables', tables: Uint8Array.from({ length: 256 }, (_, level) => cut(value(level))) };
}

/** One for each of red, green and blue. */
export function tablesOf(values: readonly ((level: number) => number)[]): Effect {
  const tables = new Uint8Array(768);
  values.forEach((value, channel) => {
    for (let level = 0; level < 256; level++) tables[channel * 256 + level] = cut(value(level));
  });
  return { kind: 'tables', tables };
}
