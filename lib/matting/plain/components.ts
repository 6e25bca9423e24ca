import { findRegions } from '../../image';

/** A connected region. */
export interface Part {
  /** Pixels. */
  area: number;
}

/**
 * Connected regions (4-neighbourhood) of the pixels equal to `value`.
 * @returns `ids` holds the index into `parts` where the pixel is such a one, -1 elsewhere
 */
export function labelComponents(
  mask: Uint8Array,
  value: number,
  width: number,
  height: number,
): { ids: Int32Array; parts: Part[] } {
  const { areas, starts, ends, of } = findRegions(mask, width, height, { from: value, to: value });
  const ids = new Int32Array(width * height).fill(-1);
  for (let run = 0; run < of.length; run++) ids.fill(of[run], starts[run], ends[run]);
  return { ids, parts: Array.from(areas, (area) => ({ area })) };
}
