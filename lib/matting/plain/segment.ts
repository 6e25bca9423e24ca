import { boxBlur } from '../../image';
import { sharedArena } from '../../kernels';
import { spanBackdrop } from './backdrop';
import type { BorderModel } from './border';
import { labelComponents } from './components';
import { measureDifference, type Difference } from './difference';
import { erode } from '../squares';
import { BACKDROP, brushFlood, PRODUCT, UNKNOWN, watershed } from './flood';
import { measureFaces } from './faces';
import { settleEnclosed } from './holes';
import { measureShape, raggedness } from './outline';
import type { Relief } from './relief';
import { excuseRinging } from './ringing';

export interface Segmentation {
  /** 1 product, 0 backdrop, per work pixel. */
  mask: Uint8Array;
  difference: Difference;
  /** Shades that may be faces of the product, as a share of it; 0 and up. */
  faces: number;
}

/** Chroma a shadow may have of its own (Lab), next to the backdrop's. */
const SHADOW_TINT = 7;
/** And more for each unit of the backdrop's, whose bounced light is more strongly coloured still. */
const TINT_BY_CHROMA = 0.04;
const DARKEST_SHADOW = 0.45;
const SURE_PRODUCT = 14;
/** More outline than this for its area makes a mask suspect. */
const RAGGED = 7;
/** A shadow's slope (Lab per work pixel) may be this, and more the darker it gets (per Lab unit nearby). */
const SHADOW_SLOPE = 0.8;
const SLOPE_BY_DEPTH = 0.09;

/** A picture to be split, and what was measured of it. Sizes and lengths are work pixels. */
export interface Scene {
  /** Interleaved. */
  lab: Float32Array;
  relief: Relief;
  border: BorderModel;
  width: number;
  height: number;
  /** Radius of the flood's brush. */
  brush: number;
  /** Photo pixels per work pixel. */
  scale: number;
}

/** Splits the picture into backdrop and product. Shadows, also those that may be faint outlines, are backdrop. */
export function segment(scene: Scene): Segmentation {
  return attempt(scene, false);
}

/**
 * Looks once more at what `segment` found, by the opposite rule. Soft shadows and faint outlines look alike: a white
 * product on white comes out whole only where the faintest outline stops the backdrop.
 * @param isWhole another cutter sees no more of the product: only tatters are looked at then
 * @returns the whole product where the first answer is in tatters; or else the first answer, and how much of it may be
 *   missing
 */
export function reconsider(scene: Scene, lenient: Segmentation, isWhole: boolean): Segmentation {
  const { relief, width, height, brush } = scene;
  const first = measureShape(lenient.mask, width, height);
  const inTatters = raggedness(first) >= RAGGED;
  if (isWhole && !inTatters) return lenient;
  const strict = attempt(scene, true);
  const second = measureShape(strict.mask, width, height);
  const isBetter = second.area > 1.15 * first.area && raggedness(second) < 0.6 * raggedness(first);
  // Where the backdrop itself has faint outlines, its far side would be taken for product.
  if (inTatters && isBetter && second.rim <= first.rim + 0.02 * (width + height)) return strict;
  const { total } = lenient.difference;
  const heights = { total, gradient: relief.gradient };
  return { ...lenient, faces: measureFaces(lenient.mask, strict.mask, heights, { width, height }, brush) };
}

function attempt({ lab, relief, border, width, height, brush, scale }: Scene, strict: boolean): Segmentation {
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
  if (!strict) excuseRinging(like, total, width, height, scale);
  const labels = strict ? backdrop.reached.slice() : brushFlood(like, width, height, brush);
  const margin = strict ? brush * 3 : 0;
  settleEnclosed(labels, backdrop.smooth, difference, gradient, backdrop.range, width, height, margin);
  if (strict) fillOutline(labels, width, height, margin);

  const shadowy = new Uint8Array(count);
  const gloom = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const a = backdrop.lab[i * 3 + 1];
    const b = backdrop.lab[i * 3 + 2];
    const tint = SHADOW_TINT + TINT_BY_CHROMA * Math.sqrt(a * a + b * b);
    if (unshaded[i] < tint && shade[i] > DARKEST_SHADOW) {
      shadowy[i] = 1;
      gloom[i] = total[i];
    } else {
      gloom[i] = 0.5 * total[i];
      if (labels[i] === UNKNOWN && unshaded[i] > SURE_PRODUCT) labels[i] = PRODUCT;
    }
  }
  const depth = deepest(gloom, width, height, brush * 3);
  const ridge = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    if (labels[i] !== UNKNOWN) continue;
    ridge[i] = gradient[i] / (SHADOW_SLOPE + border.noise + SLOPE_BY_DEPTH * depth[i]);
  }
  watershed(labels, width, height, ridge, 1, shadowy);
  const mask = new Uint8Array(count);
  for (let i = 0; i < count; i++) mask[i] = labels[i] === BACKDROP ? 0 : 1;
  if (strict) smoothOutline(mask, width, height, margin);
  removeDust(mask, total, shadowy, width, height);
  return { mask, difference, faces: 0 };
}

/** The deepest shadow at each pixel and around it: how much one that starts or ends there darkens (Lab). */
function deepest(gloom: Float32Array, width: number, height: number, radius: number): Float32Array {
  const stride = width + 2 * radius;
  const arena = sharedArena();
  return arena.scope(() => {
    const padded = arena.take(stride * (height + 2 * radius) * 4);
    const out = arena.take(width * height * 4);
    const rows = arena.floats(padded, stride * (height + 2 * radius));
    for (let y = 0; y < height + 2 * radius; y++) {
      const from = Math.min(height - 1, Math.max(0, y - radius)) * width;
      const row = rows.subarray(y * stride, (y + 1) * stride);
      row.fill(gloom[from], 0, radius).fill(gloom[from + width - 1], radius + width);
      row.set(gloom.subarray(from, from + width), radius);
    }
    arena.kernels.deepest(padded, stride, width, height, radius, out);
    return arena.floats(out, width * height).slice();
  });
}

/** Whatever lies deeper than `margin` within the ground that the backdrop did not reach is product. */
function fillOutline(labels: Uint8Array, width: number, height: number, margin: number): void {
  const unreached = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) unreached[i] = labels[i] === BACKDROP ? 0 : 1;
  const inside = erode(unreached, { width, height }, margin);
  for (let i = 0; i < labels.length; i++) if (inside[i]) labels[i] = PRODUCT;
}

/** A faint outline is found in pieces: takes the majority over a square. */
function smoothOutline(mask: Uint8Array, width: number, height: number, radius: number): void {
  const mean = boxBlur(boxBlur(mask, width, height, radius), width, height, radius >> 1);
  for (let i = 0; i < mask.length; i++) mask[i] = mean[i] > 0.5 ? 1 : 0;
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
