import type { Look, RgbImage } from '../contracts';
import { LINEAR, rgbToLab } from '../image';
import { cover } from './image';
import type { Size } from './place';

/** Pixels across in which a scene is looked at. */
const ACROSS = 96;
/** Where a floor may begin, as shares of the height. */
const [HIGHEST, LOWEST] = [0.25, 0.88];
/** Rows above and below a line that are compared, as a share of the height. */
const BAND = 0.06;
/** How much both must differ (CIE Lab), and in what share of the columns they must do so alike. */
const [DIFFERENT, ALIKE] = [6, 0.6];
/** Where no line is seen, the floor is looked for from here on down. */
const LIKELY_FLOOR = 0.6;
/** Difference of the light on the two sides of a floor, as a share of their sum, from which one of them is the lamp's. */
const SIDED = 0.04;
/** Degrees to the side that a lamp stands at least, where its side was seen. */
const ASIDE = 30;
/** How far below the line where the floor begins a product stands at least, and where it ends at the latest. */
const [STAND, LAST] = [0.06, 0.96];

/** What is seen of a scene; null is what cannot be told. */
export interface SceneSight {
  /** Where its floor begins, 0 (top) to 1 (bottom). */
  horizon: number | null;
  /** Which side its light comes from. */
  light: 'left' | 'right' | null;
}

/**
 * Looks at a scene that somebody else has made, as it covers the frame: where its floor begins and which side its light
 * comes from.
 */
export async function sightOf(picture: RgbImage, frame: Size, focus: Look['focus']): Promise<SceneSight> {
  const height = Math.max(8, Math.round((ACROSS * frame.height) / frame.width));
  const small = await cover(picture, { width: ACROSS, height }, focus);
  const row = horizonRow(small);
  const horizon = row === undefined ? null : Math.round((row / height) * 1000) / 1000;
  return { horizon, light: lightSide(small, row ?? Math.round(LIKELY_FLOOR * height)) };
}

/** A look that agrees with what was seen: the product stands on the scene's floor, and its shadow falls away from its light. */
export function settle(look: Look, { horizon, light }: SceneSight): Look {
  const { azimuth } = look.light;
  const aside = Math.max(ASIDE, Math.abs(azimuth));
  const { baseline } = look.placement;
  const stands =
    horizon === null || baseline === 'center'
      ? baseline
      : Math.min(LAST, Math.max(baseline, horizon + STAND));
  return {
    ...look,
    horizon: horizon ?? look.horizon,
    light: { ...look.light, azimuth: light === null ? azimuth : light === 'left' ? -aside : aside },
    placement: { ...look.placement, baseline: stands },
  };
}

/** The row at which the picture changes most from what is above to what is below, alike in most of its columns. */
function horizonRow({ data, width, height }: RgbImage): number | undefined {
  const sums = columnSums({ data, width, height });
  const band = Math.max(2, Math.round(BAND * height));
  let best: { row: number; change: number } | undefined;
  const steps = new Float64Array(width * 3);
  for (let row = Math.ceil(HIGHEST * height); row <= LOWEST * height && row + band <= height; row++) {
    const [above, at, below] = [row - band, row, row + band].map((y) => y * width * 3);
    const mean = [0, 0, 0];
    for (let i = 0; i < steps.length; i++) {
      steps[i] = (sums[below + i] - 2 * sums[at + i] + sums[above + i]) / band;
      mean[i % 3] += steps[i] / width;
    }
    const change = Math.hypot(...mean);
    if (change < DIFFERENT || (best && change <= best.change)) continue;
    let alike = 0;
    for (let i = 0; i < steps.length; i += 3) {
      const along = (steps[i] * mean[0] + steps[i + 1] * mean[1] + steps[i + 2] * mean[2]) / change;
      if (along > change / 3) alike++;
    }
    if (alike / width >= ALIKE) best = { row, change };
  }
  return best?.row;
}

/** For each column the sum of its Lab colours above a row: (height + 1) rows. */
function columnSums({ data, width, height }: RgbImage): Float64Array {
  const lab = rgbToLab(data);
  const sums = new Float64Array((height + 1) * width * 3);
  for (let at = 0; at < lab.length; at++) sums[at + width * 3] = sums[at] + lab[at];
  return sums;
}

/** The brighter side of a floor. */
function lightSide({ data, width, height }: RgbImage, from: number): SceneSight['light'] {
  const third = Math.floor(width / 3);
  const lightOf = (left: number) => {
    let sum = 0;
    for (let y = from; y < height; y++) {
      for (let at = (y * width + left) * 3; at < (y * width + left + third) * 3; at++)
        sum += LINEAR[data[at]];
    }
    return sum;
  };
  const [left, right] = [lightOf(0), lightOf(width - third)];
  const difference = (left - right) / Math.max(1e-6, left + right);
  if (Math.abs(difference) < SIDED) return null;
  return difference > 0 ? 'left' : 'right';
}
