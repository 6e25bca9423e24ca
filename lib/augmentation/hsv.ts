import type { Effect } from './types';

/** Of a hue of 2 degrees: how much of its saturation it takes from red, green and blue (S. Smith's hexcone, 1978). */
const WEIGHTS = new Float32Array(180 * 4);
for (let hue = 0; hue < 180; hue++) {
  for (let channel = 0; channel < 3; channel++) {
    const from = Math.abs(((hue / 30 - 2 * channel + 9) % 6) - 3);
    WEIGHTS[hue * 4 + channel] = Math.max(0, Math.min(1, from - 1)) / 255;
  }
}

/** One over a level, times a number, in 12 bits. */
const shares = (of: number) =>
  Int32Array.from({ length: 256 }, (_, level) => (level === 0 ? 0 : Math.round((of * 4096) / level)));
const RANGES = [shares(255), shares(30)].map((list) => new Uint8Array(list.buffer));

/**
 * Adds to hue, saturation and value of 8-bit HSV. Grey stays grey.
 * @param hue in units of 2 degrees
 * @param saturation in 1/255
 * @param value in levels
 */
export function shiftHsv(hue: number, saturation: number, value: number): Effect {
  const clamped = (by: number) =>
    Uint8Array.from({ length: 256 }, (_, level) => Math.max(0, Math.min(255, level + Math.trunc(by))));
  const turned = Uint8Array.from({ length: 256 }, (_, at) => (((at + hue) % 180) + 180) % 180);
  return {
    kind: 'colors',
    prepare({ arena, width }) {
      const weights = new Uint8Array(WEIGHTS.buffer);
      const tables = Buffer.concat([turned, clamped(saturation), clamped(value), ...RANGES, weights]);
      const at = arena.put(tables);
      return (row) => arena.kernels.shiftHsv(row, width, at);
    },
  };
}
