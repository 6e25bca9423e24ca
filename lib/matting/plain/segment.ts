import { boxBlur } from '../../image';
import { spanBackdrop } from './backdrop';
import type { BorderModel } from './border';
import { labelComponents } from './components';
import { measureDifference, type Difference } from './difference';
import { BACKDROP, brushFlood, erode, PRODUCT, UNKNOWN, watershed } from './flood';
import { settleEnclosed } from './holes';
import type { Relief } from './relief';

export interface Segmentation {
  /** 1 product, 0 backdrop, per work pixel. */
  mask: Uint8Array;
  difference: Difference;
  /** Lab distance under which a pixel looks like backdrop. */
  tolerance: number;
}

/** Chroma a shadow may have of its own (Lab), next to the backdrop's. */
const SHADOW_TINT = 7;
const DARKEST_SHADOW = 0.25;
const SURE_PRODUCT = 14;
/** A shadow's slope (Lab per work pixel) may be this, and more the darker it is (per unit of lightness lost). */
const SHADOW_SLOPE = 0.8;
const SLOPE_BY_DEPTH = 0.12;

/**
 * Splits the picture into backdrop, with the shadows on it, and product. Soft shadows and faint outlines look
 * alike, so it is done twice when the first answer, which gives shadows the benefit of the doubt, is in tatters:
 * a white product on white comes out whole only where the faintest outline stops the backdrop.
 * @param lab interleaved
 * @param brush radius of the flood's brush, work pixels
 */
export function segment(
  lab: Float32Array,
  relief: Relief,
  border: BorderModel,
  width: number,
  height: number,
  brush: number,
): Segmentation {
  const lenient = attempt(lab, relief, border, width, height, brush, false);
  const tatters = measureShape(lenient.mask, width, height);
  if (tatters.outline < 7 * Math.sqrt(tatters.area)) return lenient;
  const strict = attempt(lab, relief, border, width, height, brush, true);
  const shape = measureShape(strict.mask, width, height);
  return shape.outline < 0.75 * tatters.outline && shape.area > 1.15 * tatters.area ? strict : lenient;
}

function attempt(
  lab: Float32Array,
  relief: Relief,
  border: BorderModel,
  width: number,
  height: number,
  brush: number,
  strict: boolean,
): Segmentation {
  const count = width * height;
  const { gradient } = relief;
  const backdrop = spanBackdrop(lab, relief, border, width, height, strict ? 2 * brush : brush, strict);
  const difference = measureDifference(lab, backdrop.lab);
  const { total, unshaded, shade } = difference;
  const tolerance = 2.2 + 2.5 * border.noise;
  const like = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    if (backdrop.reached[i] === BACKDROP || (total[i] < tolerance && !strict)) like[i] = 1;
  }
  const labels = strict ? backdrop.reached.slice() : brushFlood(like, width, height, brush);
  const margin = strict ? brush * 3 : 0;
  settleEnclosed(labels, backdrop.smooth, difference, backdrop.range, width, height, margin);
  if (strict) fillOutline(labels, width, height, margin);

  const shadowy = new Uint8Array(count);
  const ridge = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    if (labels[i] !== UNKNOWN) continue;
    ridge[i] = gradient[i] / (SHADOW_SLOPE + border.noise + SLOPE_BY_DEPTH * total[i]);
    if (unshaded[i] < SHADOW_TINT && shade[i] > DARKEST_SHADOW) shadowy[i] = 1;
    else if (unshaded[i] > SURE_PRODUCT) labels[i] = PRODUCT;
  }
  watershed(labels, width, height, ridge, 1, shadowy);
  const mask = new Uint8Array(count);
  for (let i = 0; i < count; i++) mask[i] = labels[i] === BACKDROP ? 0 : 1;
  if (strict) smoothOutline(mask, width, height, margin);
  removeDust(mask, total, shadowy, width, height);
  return { mask, difference, tolerance };
}

/** Whatever lies deeper than `margin` within the ground that the backdrop did not reach is product. */
function fillOutline(labels: Uint8Array, width: number, height: number, margin: number): void {
  const unreached = Uint8Array.from(labels, (label) => (label === BACKDROP ? 0 : 1));
  const inside = erode(unreached, width, height, margin);
  for (let i = 0; i < labels.length; i++) if (inside[i]) labels[i] = PRODUCT;
}

/** A faint outline is found in pieces: takes the majority over a square. */
function smoothOutline(mask: Uint8Array, width: number, height: number, radius: number): void {
  const mean = boxBlur(boxBlur(mask, width, height, radius), width, height, radius >> 1);
  for (let i = 0; i < mask.length; i++) mask[i] = mean[i] > 0.5 ? 1 : 0;
}

/** Pixels inside, and sides of pixels along the outline. */
function measureShape(mask: Uint8Array, width: number, height: number): { area: number; outline: number } {
  let area = 0;
  let outline = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, i = y * width; x < width; x++, i++) {
      area += mask[i];
      if (x > 0 && mask[i] !== mask[i - 1]) outline++;
      if (y > 0 && mask[i] !== mask[i - width]) outline++;
    }
  }
  return { area, outline };
}

/** Drops specks and the cores of shadows: parts far smaller than the product, or too faint to be sure of. */
function removeDust(
  mask: Uint8Array,
  total: Float32Array,
  shadowy: Uint8Array,
  width: number,
  height: number,
): void {
  const { ids, parts } = labelComponents(mask, 1, width, height);
  const peak = new Float32Array(parts.length);
  const shadow = new Uint32Array(parts.length);
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    peak[ids[i]] = Math.max(peak[ids[i]], total[i]);
    shadow[ids[i]] += shadowy[i];
  }
  const largest = parts.reduce((most, part) => Math.max(most, part.area), 0);
  const keep = parts.map(({ area }, id) => {
    if (area > 0.2 * largest) return true;
    return area >= Math.max(12, 0.004 * largest) && peak[id] > 18 && shadow[id] < 0.7 * area;
  });
  for (let i = 0; i < mask.length; i++) if (mask[i] && !keep[ids[i]]) mask[i] = 0;
}
