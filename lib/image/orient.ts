import type { Sharp } from 'sharp';

/** Mirror left to right first (or not), then turn clockwise. Every upright-making step is one of these eight. */
export interface Turn {
  flop: boolean;
  /** Quarters of a turn, clockwise, 0..3. */
  quarters: number;
}

const EXIF_TURNS: Record<number, Turn> = {
  1: { flop: false, quarters: 0 },
  2: { flop: true, quarters: 0 },
  3: { flop: false, quarters: 2 },
  4: { flop: true, quarters: 2 },
  5: { flop: true, quarters: 3 },
  6: { flop: false, quarters: 1 },
  7: { flop: true, quarters: 1 },
  8: { flop: false, quarters: 3 },
};

/** @param orientation EXIF 1..8 */
export function exifTurn(orientation: number): Turn {
  return EXIF_TURNS[orientation];
}

/** sharp mirrors before it turns, as `Turn` wants it. */
export function applyTurn(pipeline: Sharp, { flop, quarters }: Turn): Sharp {
  return (flop ? pipeline.flop() : pipeline).rotate(quarters * 90);
}
