import type { Effect } from './types';

/** `factor` times the colour plus the rest of its luma: 0 is grey, 1 changes nothing. */
export function saturationBy(factor: number): Effect {
  return {
    kind: 'colors',
    prepare({ arena, width }) {
      return (row) => arena.kernels.saturate(row, width, factor, 1 - factor);
    },
  };
}
