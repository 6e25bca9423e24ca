import { fromLinear } from './color';

/** Steps of `ENCODED`; between them the curve is straight to within 0.002 of a level. */
const STEPS = 16384;
/** sRGB level 0..255 over linear light. */
const ENCODED = Float32Array.from(
  { length: STEPS + 2 },
  (_, step) => 255 * fromLinear(Math.min(1, step / STEPS)),
);

/** Side of the pattern below, in pixels; a power of two. */
const SIDE = 64;
/** Where a level rounds up: 0..1, never so close to either that a whole level would be rounded away. */
const THRESHOLDS = thresholds();

/**
 * Linear light as sRGB bytes. What lies between two levels is dithered, so that a soft gradient shows no bands; what is
 * a level already stays exactly that.
 * @param light 0..1, `count` interleaved pixels from `x` of row `y`; outside of 0..1 it is clipped
 * @param out written from `at`
 */
export function ditherRow(
  light: Float32Array,
  count: number,
  place: { x: number; y: number },
  out: Uint8Array,
  at: number,
): void {
  const row = (place.y % SIDE) * SIDE;
  for (let pixel = 0, from = 0; pixel < count; pixel++, from += 3, at += 3) {
    const threshold = THRESHOLDS[row + ((place.x + pixel) & (SIDE - 1))];
    out[at] = level(light[from]) + threshold;
    out[at + 1] = level(light[from + 1]) + threshold;
    out[at + 2] = level(light[from + 2]) + threshold;
  }
}

/** The sRGB level of linear light, 0..255, not rounded. */
function level(light: number): number {
  if (light <= 0) return 0;
  if (light >= 1) return 255;
  const place = light * STEPS;
  const step = place | 0;
  const low = ENCODED[step];
  return low + (ENCODED[step + 1] - low) * (place - step);
}

/**
 * Interleaved gradient noise (J. Jimenez, "Next generation post processing in Call of Duty: Advanced Warfare",
 * SIGGRAPH 2014): neighbours differ much, so that the eye sees their mean.
 */
function thresholds(): Float32Array {
  const pattern = new Float32Array(SIDE * SIDE);
  for (let at = 0; at < pattern.length; at++) {
    const inner = 0.06711056 * (at % SIDE) + 0.00583715 * Math.floor(at / SIDE);
    const noise = (52.9829189 * (inner % 1)) % 1;
    pattern[at] = 1 / 64 + noise * (62 / 64);
  }
  return pattern;
}
