import { boxBlur } from '../../image';
import { average } from './edge-colours';
import { erode, inverse } from '../squares';
import type { WorkImage } from './work';

/** Work pixels that hair is searched in, inwards and outwards of the mask's edge. */
const INWARDS = 6;
const OUTWARDS = 3;
/** Work pixels over which an outline is smoothed to see what it would be like without hair, and looked at. */
const SMOOTH = 4;
const WINDOW = 12;
/** Outlines this much longer than their smoothed selves are frayed. */
const FRAYED = 1.3;
/** Share of a product's outline that is frayed when it is a furry one; crisp ones have frayed places too. */
const FURRY = 0.45;
/** Work pixels around a hair, and steps between them, that its own colour is sought at. */
const REACH = 8;
const STEP = 2;
/** Colours of hair differ this much (share of the most) from the backdrop; the others may be mixed with it. */
const PURE = 0.5;
/** Work pixels over which unmixed pixels pass into those inside, which are all product. */
const FADE = 3;
/** What looks like the backdrop dimmed down to this is its shadow. */
const DARKEST_SHADOW = 0.6;
/** Error (sRGB) of an exact mixture. */
const SIGMA = 5;
/** Mixtures outside this range are pure. */
const FLOOR = 0.12;
const CEILING = 0.8;

/**
 * Along the outline of a furry product the backdrop shows between hairs, and hairs stand out beyond the mask.
 * There each pixel is unmixed between the backdrop nearby and whichever of the product's colours nearby explain
 * it best, weighted by how well they do, unless it is the backdrop's shadow; alpha is changed in place. Products with
 * neat outlines are left alone.
 * @param rgb of the photo, interleaved sRGB
 * @param width of the photo
 * @param total Lab distance to the backdrop, per work pixel
 */
export function unmixFur(
  alpha: Uint8Array,
  rgb: Uint8Array,
  width: number,
  height: number,
  work: WorkImage,
  mask: Uint8Array,
  total: Float32Array,
): void {
  const core = erode(mask, work, INWARDS);
  const fray = measureFray(mask, core, total, work.width, work.height);
  if (frayedShare(mask, fray, work.width) < FURRY) return;
  const outside = erode(inverse(mask), work, OUTWARDS);
  const depth = boxBlur(core, work.width, work.height, FADE);
  const { scale } = work;
  const backdrop = new Float32Array(4);
  const hairs = new Float32Array(3 * (2 * Math.ceil(REACH / STEP) + 1) ** 2);
  for (let i = 0; i < mask.length; i++) {
    const share = 1 - 2 * depth[i];
    if (outside[i] || share <= 0) continue;
    if (!average(work, outside, i, 6, backdrop) && !average(work, outside, i, 24, backdrop)) continue;
    const count = gatherHairs(work, mask, i, backdrop, hairs);
    const wx = i % work.width;
    const wy = (i - wx) / work.width;
    for (let y = wy * scale; y < Math.min(height, (wy + 1) * scale); y++) {
      for (let x = wx * scale; x < Math.min(width, (wx + 1) * scale); x++) {
        const at = y * width + x;
        const own = (unmix(rgb, at * 3, backdrop, hairs, count) - FLOOR) / (CEILING - FLOOR);
        alpha[at] = Math.min(1, Math.max(0, own)) * 255 * share + alpha[at] * (1 - share) + 0.5;
      }
    }
  }
}

function gatherHairs(
  { rgb, width, height }: WorkImage,
  mask: Uint8Array,
  at: number,
  backdrop: Float32Array,
  hairs: Float32Array,
): number {
  const cx = at % width;
  const cy = (at - cx) / width;
  const [br, bg, bb] = backdrop;
  const away = (i: number) => Math.sqrt((rgb[i] - br) ** 2 + (rgb[i + 1] - bg) ** 2 + (rgb[i + 2] - bb) ** 2);
  let most = 0;
  let count = 0;
  for (let pass = 0; pass < 2; pass++) {
    for (let y = Math.max(0, cy - REACH); y <= Math.min(height - 1, cy + REACH); y += STEP) {
      for (let x = Math.max(0, cx - REACH); x <= Math.min(width - 1, cx + REACH); x += STEP) {
        const i = y * width + x;
        if (!mask[i]) continue;
        const distance = away(i * 3);
        if (pass === 0) most = Math.max(most, distance);
        else if (distance >= PURE * most) {
          for (let c = 0; c < 3; c++) hairs[count * 3 + c] = rgb[i * 3 + c];
          count++;
        }
      }
    }
  }
  return count;
}

/** @returns alpha, from 0 to 1 */
function unmix(
  rgb: Uint8Array,
  at: number,
  backdrop: Float32Array,
  hairs: Float32Array,
  count: number,
): number {
  const [br, bg, bb] = backdrop;
  const dr = rgb[at] - br;
  const dg = rgb[at + 1] - bg;
  const db = rgb[at + 2] - bb;
  const light = (rgb[at] * br + rgb[at + 1] * bg + rgb[at + 2] * bb) / (br * br + bg * bg + bb * bb + 1);
  const dim = Math.min(1, Math.max(DARKEST_SHADOW, light));
  const unlike = (rgb[at] - dim * br) ** 2 + (rgb[at + 1] - dim * bg) ** 2 + (rgb[at + 2] - dim * bb) ** 2;
  let weights = Math.max(1, count) / (SIGMA * SIGMA + unlike) ** 2;
  let sum = 0;
  for (let n = 0; n < count * 3; n += 3) {
    const hr = hairs[n] - br;
    const hg = hairs[n + 1] - bg;
    const hb = hairs[n + 2] - bb;
    const share = (dr * hr + dg * hg + db * hb) / (hr * hr + hg * hg + hb * hb + 1);
    const a = Math.min(1, Math.max(0, share));
    const error = (dr - a * hr) ** 2 + (dg - a * hg) ** 2 + (db - a * hb) ** 2;
    const weight = 1 / (SIGMA * SIGMA + error) ** 2;
    sum += weight * a;
    weights += weight;
  }
  return sum / weights;
}

/**
 * How much longer the outline is, around each work pixel, than the same outline smoothed: 1 for straight edges of
 * any direction and for wide curves, more where the backdrop shows through; 0 away from it.
 */
function measureFray(
  mask: Uint8Array,
  core: Uint8Array,
  total: Float32Array,
  width: number,
  height: number,
): Float32Array {
  const contrast = boxBlur(
    total.map((value, i) => value * mask[i]),
    width,
    height,
    WINDOW,
  );
  const share = boxBlur(mask, width, height, WINDOW);
  const soft = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    soft[i] = core[i] ? 1 : !mask[i] ? 0 : Math.min(1, (total[i] * share[i]) / (0.6 * contrast[i]));
  }
  const fray = outlineLength(soft, width, height);
  const smoothed = boxBlur(boxBlur(soft, width, height, SMOOTH), width, height, SMOOTH >> 1);
  const smooth = outlineLength(smoothed, width, height);
  for (let i = 0; i < fray.length; i++) fray[i] = smooth[i] > 0.25 / WINDOW ? fray[i] / smooth[i] : 0;
  return fray;
}

/** Total variation within windows. */
function outlineLength(soft: Float32Array, width: number, height: number): Float32Array {
  const slope = new Float32Array(soft.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) {
      const across = soft[i + 1] - soft[i - 1];
      const down = soft[i + width] - soft[i - width];
      slope[i] = Math.sqrt(across * across + down * down) / 2;
    }
  }
  return boxBlur(slope, width, height, WINDOW);
}

function frayedShare(mask: Uint8Array, fray: Float32Array, width: number): number {
  let frayed = 0;
  let outline = 0;
  for (let i = width; i < mask.length; i++) {
    if (mask[i] === mask[i - 1] && mask[i] === mask[i - width]) continue;
    outline++;
    if (fray[i] > FRAYED) frayed++;
  }
  return frayed / Math.max(1, outline);
}
