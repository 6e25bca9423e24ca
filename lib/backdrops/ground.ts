import { gaussianBlur } from '../image';
import { smoothstep } from './light';
import type { Silhouette } from './silhouette';

/** What ends higher than this above the lowest point does not stand on the floor: shares of the product's height and width. */
const BAND = 0.14;
const BAND_ACROSS = 0.25;
/** A base's edge rises less steeply than this; a side that goes up from it does not. */
const STEEP = 0.75;
/** The narrowest foot, and how far lines are smoothed, as shares of the product's width. */
const FOOT = 0.02;
const SMOOTH = 0.012;
const OPAQUE = 0.5;

/** Where a product meets its floor; lines are in cells from the top. */
export interface Ground {
  /** The middle of what stands there, between the front and the back of its base. */
  middle: Float32Array;
  /** Where the floor begins under each column: the front edge of a round base curves below its middle. */
  floor: Float32Array;
  /** How much each column touches it, 0..1. */
  touch: Float32Array;
  /** How high each column's lower edge hangs above it, in cells; infinite where there is no product. */
  gap: Float32Array;
}

/** A part of the lower edge that stands: one product, or one of its feet. */
interface Base {
  from: number;
  to: number;
  middle: number;
}

/** Finds the line on which a product stands; of several products or feet, each has its own. */
export function groundOf(shape: Silhouette): Ground {
  const { width, left, right, top, bottom } = shape;
  const across = Math.max(1, right - left);
  const band = Math.max(1, Math.min(BAND * (bottom - top), BAND_ACROSS * across));
  const edges = Float32Array.from({ length: width }, (_, x) => lowerEdge(shape, x));
  const bases = basesOf(edges, bottom - band, Math.max(1, Math.round(FOOT * across)));
  if (!bases.length)
    bases.push({
      from: Math.max(0, Math.floor(left)),
      to: Math.min(width, Math.ceil(right)),
      middle: bottom,
    });
  const middle = between(bases, width);
  const floor = Float32Array.from(middle);
  const touch = new Float32Array(width);
  for (const base of bases) {
    for (let x = base.from; x < base.to; x++) {
      floor[x] = Math.min(bottom, Math.max(edges[x], base.middle));
      // Where the side turns up from the base, it hangs above the floor.
      const hangs = smoothstep(0, 0.12 * band, floor[x] - edges[x]);
      touch[x] = (1 - smoothstep(0.5 * band, band, bottom - floor[x])) * (1 - hangs);
    }
  }
  const soft = (line: Float32Array) => gaussianBlur(line, width, 1, SMOOTH * across);
  const gap = edges.map((edge, x) => (edge >= 0 ? Math.max(0, floor[x] - edge) : Infinity));
  return { middle: soft(middle), floor: soft(floor), touch, gap };
}

function basesOf(edges: Float32Array, highest: number, least: number): Base[] {
  const bases: Base[] = [];
  const stands = (x: number) => edges[x] >= highest && Math.abs(slope(edges, x, least)) < STEEP;
  for (let x = 0; x < edges.length; x++) {
    if (!stands(x)) continue;
    const from = x;
    while (x < edges.length && stands(x)) x++;
    if (x - from < least) continue;
    const part = edges.subarray(from, x);
    const lowest = part.reduce((low, edge) => Math.max(low, edge));
    const mean = part.reduce((sum, edge) => sum + edge, 0) / part.length;
    // The front half of an ellipse lies 0.21 of its height above its lowest point on average; its ends turn up at about twice that.
    bases.push({ from, to: x, middle: lowest - 2 * (lowest - mean) });
  }
  return bases;
}

/** How steeply an edge rises around a column, as far as it goes on to both sides. */
function slope(edges: Float32Array, x: number, reach: number): number {
  const before = edges[x - reach] >= 0 ? x - reach : x;
  const after = edges[x + reach] >= 0 ? x + reach : x;
  return after > before ? (edges[after] - edges[before]) / (after - before) : 0;
}

/** The middles of the bases, and straight lines from each to the next. */
function between(bases: Base[], width: number): Float32Array {
  const line = new Float32Array(width);
  let at = 0;
  bases.forEach((base, index) => {
    const before = bases[index - 1];
    for (; at < base.from; at++) {
      const share = before ? (at - before.to) / (base.from - before.to) : 1;
      line[at] = before ? before.middle + (base.middle - before.middle) * share : base.middle;
    }
    for (; at < base.to; at++) line[at] = base.middle;
  });
  line.fill(bases[bases.length - 1].middle, at);
  return line;
}

/** Where the lowest opaque cell of a column ends, between two cells; NaN where there is none. */
function lowerEdge({ data, width, height }: Silhouette, x: number): number {
  for (let y = height - 1; y >= 0; y--) {
    const value = data[y * width + x];
    if (value < OPAQUE) continue;
    const below = y + 1 < height ? data[(y + 1) * width + x] : 0;
    return y + 1 + below;
  }
  return NaN;
}
