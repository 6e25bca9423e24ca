import { labelComponents } from './components';
import type { Difference } from './difference';
import { BACKDROP, PRODUCT, UNKNOWN } from './flood';

/** Smaller regions (share of the picture) are left to the watershed: too small to tell a window from a letter. */
const SMALLEST = 0.0006;
/** How far (work pixels) beyond a region's rim its surroundings are looked at, at least. */
const REACH = 4;
/** Windows are no threads: least area per square of the rim's length, where faint outlines count (a disc: 0.06). */
const LEAST_FATNESS = 0.006;
/** Gradient per Lab unit of difference at which an outline is a step, not the soft rim of a shadow. */
const STEP = 0.36;
/** Smaller differences (Lab) than this are weighed like it. */
const FAINT = 3;
/** What can just be seen (Lab), which is enough around a region whose colour is as good as exactly the backdrop's. */
const VISIBLE = 8;
const EXACT = 0.4;
/** Print on a region, as a share of it, from which it is a label. */
const PRINTED = 0.004;
/** What counts as clearly product there (Lab). */
const CLEAR = 20;
/** Stands for the region around an island that has several, or none. */
const MIXED = -2;

interface Region {
  area: number;
  total: number;
  unshaded: number;
  rim: number;
  /** Rim beyond which there is clearly product. */
  clear: number;
  /** Rim that shades off into backdrop without a step. */
  outer: number;
  /** Rim beyond which there is something to be seen. */
  visible: number;
  /** Pixels of print on it: what it surrounds wholly, and what is clearly not of its colour. */
  print: number;
}

/**
 * Decides about smooth regions, close to the backdrop's colour, that the flood did not reach: a window onto
 * the backdrop (a mug's handle, the gap between chair legs) becomes `BACKDROP`, a white label, a highlight or
 * the body of a white product becomes `PRODUCT`.
 * @param smooth 1 where there is no edge
 * @param margin how far (work pixels) `smooth` keeps away from edges; 0 when it reaches up to them
 * @param range how much (Lab L) the backdrop itself varies over the picture
 */
export function settleEnclosed(
  labels: Uint8Array,
  smooth: Uint8Array,
  difference: Difference,
  gradient: Float32Array,
  range: number,
  width: number,
  height: number,
  margin: number,
): void {
  const { total, unshaded } = difference;
  const candidate = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    if (smooth[i] && labels[i] === UNKNOWN && unshaded[i] < 6 && total[i] < 15) candidate[i] = 1;
  }
  const { ids, parts } = labelComponents(candidate, 1, width, height);
  const regions = parts.map(({ area }) => ({
    area,
    total: 0,
    unshaded: 0,
    rim: 0,
    clear: 0,
    outer: 0,
    visible: 0,
    print: 0,
  }));
  survey(regions, ids, labels, difference, gradient, width, height, REACH + margin);
  findPrint(regions, ids, labels, total, width, height);
  const smallest = Math.max(20, SMALLEST * labels.length);
  const nearness = Math.min(3.8, 1.8 + 0.045 * range);
  const verdicts = regions.map((region) => judge(region, smallest, nearness, margin > 0 ? LEAST_FATNESS : 0));
  for (let i = 0; i < labels.length; i++) if (ids[i] >= 0) labels[i] = verdicts[ids[i]];
}

function survey(
  regions: Region[],
  ids: Int32Array,
  labels: Uint8Array,
  { total, unshaded }: Difference,
  gradient: Float32Array,
  width: number,
  height: number,
  reach: number,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (ids[i] < 0) continue;
      const region = regions[ids[i]];
      region.total += total[i] / region.area;
      region.unshaded += unshaded[i] / region.area;
      for (let side = 0; side < 4; side++) {
        const dx = side === 0 ? 1 : side === 1 ? -1 : 0;
        const dy = side === 2 ? 1 : side === 3 ? -1 : 0;
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        if (ids[i + dy * width + dx] === ids[i]) continue;
        const fx = Math.min(width - 1, Math.max(0, x + dx * reach));
        const fy = Math.min(height - 1, Math.max(0, y + dy * reach));
        // A speck in the region is no rim of it.
        if (ids[fy * width + fx] === ids[i]) continue;
        region.rim++;
        const [step, end] = [dy * width + dx, fy * width + fx];
        const most = highest(total, i, step, end);
        if (most > CLEAR) region.clear++;
        if (most > VISIBLE) region.visible++;
        if (labels[end] === BACKDROP && !isStep(highest(gradient, i, step, end), total[i])) region.outer++;
      }
    }
  }
}

/** Labels have print, windows onto the backdrop have nothing that hangs free in them. */
function findPrint(
  regions: Region[],
  ids: Int32Array,
  labels: Uint8Array,
  total: Float32Array,
  width: number,
  height: number,
): void {
  const others = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) if (ids[i] < 0 && labels[i] !== BACKDROP) others[i] = 1;
  const islands = labelComponents(others, 1, width, height);
  const around = new Int32Array(islands.parts.length).fill(-1);
  const peak = new Float32Array(islands.parts.length);
  const borders = (island: number, region: number) => {
    if (region < 0 || (around[island] >= 0 && around[island] !== region)) around[island] = MIXED;
    else if (around[island] !== MIXED) around[island] = region;
  };
  const sides = [-1, 1, -width, width];
  for (let i = 0; i < labels.length; i++) {
    const island = islands.ids[i];
    if (island < 0) continue;
    peak[island] = Math.max(peak[island], total[i]);
    const x = i % width;
    if (x === 0 || x === width - 1 || i < width || i >= labels.length - width) {
      borders(island, -1);
      continue;
    }
    for (const side of sides) if (islands.ids[i + side] !== island) borders(island, ids[i + side]);
  }
  islands.parts.forEach(({ area }, island) => {
    if (around[island] >= 0 && peak[island] > CLEAR) regions[around[island]].print += area;
  });
}

function highest(values: Float32Array, from: number, step: number, to: number): number {
  let most = values[to];
  for (let at = from; at !== to; at += step) most = Math.max(most, values[at]);
  return most;
}

/** Whether an outline is a step, not the soft rim of a shadow: by its gradient, and by what lies `depth` (Lab) inside. */
export function isStep(gradient: number, depth: number): boolean {
  return gradient >= STEP * Math.max(FAINT, depth);
}

function judge(region: Region, smallest: number, nearness: number, fatness: number): number {
  // A sliver that the brush was too wide for, or shading beside the flood.
  if (region.outer > 0.2 * region.rim) return region.total < nearness ? BACKDROP : UNKNOWN;
  if (region.area < smallest) return UNKNOWN;
  if (region.print > PRINTED * region.area) return PRODUCT;
  if (region.area < fatness * region.rim ** 2) return PRODUCT;
  const framed = region.clear > 0.12 * region.rim;
  const exact = region.total < EXACT && region.visible > 0.15 * region.rim;
  return exact || (framed && region.total < nearness) ? BACKDROP : PRODUCT;
}
