import { findRegions, type Regions } from '../../image';
import { dilate, erode, type Size } from '../squares';

/** How decided (0..1) a network must be about a region to keep it out of the cutout, or in it, against the plain cut. */
const DECIDED_OUT = 0.7;
const DECIDED_IN = 0.65;
/** A region of less than this share of the product may be a shadow at its foot: the network need not be as decided. */
const SMALL = 0.01;
const DECIDED_OUT_SMALL = 0.5;
/** Share of a region's rim that is product where the region is a hole in it. */
const ENCLOSED = 0.75;
const FRAMED = 0.25;
/** Share of a hole's surroundings, so far off (share of the picture's shorter side), that is backdrop: a chain, a wire. */
const THIN_FRAME = 0.8;
const FRAME = 0.015;

/** How two cuts of one photo were brought together, per work pixel. */
export interface Settled {
  /** 0..1: the network's shape, with the plain cut's where the network was undecided. */
  shape: Float32Array;
  /** Share of the product that the two see differently, by more than an edge that moved; 0 and up. */
  conflict: number;
}

/**
 * Compares the network's shape with the plain cut's. Regions that only one of them takes for product go to the
 * network where it is decided, and to the plain cut where it is not. The network fills thin rings, and is never wrong
 * about them by its own account: what a thin frame surrounds goes to the plain cut.
 * @param matte 0..1, the network's
 * @param plain 0..255
 * @param reach work pixels that an edge may lie off without being another shape
 * @param steady how much two looks of the network overlap, 0..1: one that sees two products is less decided than it says
 */
export function settle(
  matte: Float32Array,
  plain: Uint8Array,
  size: Size,
  reach: number,
  steady = 1,
): Settled {
  const { width, height } = size;
  const differs = new Uint8Array(matte.length);
  let product = 0;
  for (let i = 0; i < matte.length; i++) {
    const theirs = matte[i] > 0.5;
    const own = plain[i] > 127;
    if (theirs !== own) differs[i] = 1;
    if (theirs || own) product++;
  }
  const shape = matte.slice();
  const core = erode(differs, size, reach >> 1);
  if (!core.includes(1)) return { shape, conflict: 0 };
  const regions = findRegions(differs, width, height, { from: 1, to: 1 });
  const { areas, starts, ends, of } = regions;
  const adds = new Uint8Array(areas.length);
  const thick = new Uint8Array(areas.length);
  const decided = new Float64Array(areas.length);
  for (let run = 0; run < of.length; run++) {
    adds[of[run]] = plain[starts[run]] > 127 ? 1 : 0;
    for (let i = starts[run]; i < ends[run]; i++) {
      if (core[i]) thick[of[run]] = 1;
      decided[of[run]] += Math.abs(2 * matte[i] - 1);
    }
  }
  const plainRight = areas.map((area, region) => {
    const ours = (steady * steady * decided[region]) / area;
    if (adds[region]) return Number(ours < (area < SMALL * product ? DECIDED_OUT_SMALL : DECIDED_OUT));
    return Number(thick[region] && isHole(regions, region, plain, size, ours < DECIDED_IN));
  });
  let conflict = 0;
  for (let run = 0; run < of.length; run++) {
    const region = of[run];
    if (!thick[region]) continue;
    conflict += ends[run] - starts[run];
    if (plainRight[region]) for (let i = starts[run]; i < ends[run]; i++) shape[i] = plain[i] / 255;
  }
  return { shape, conflict: conflict / Math.max(1, product) };
}

/** Whether what the plain cut leaves out is a hole in the product: one that the network doubts, or one in a thin frame. */
function isHole(
  { starts, ends, of }: Regions,
  region: number,
  plain: Uint8Array,
  size: Size,
  doubted: boolean,
): boolean {
  const mask = new Uint8Array(plain.length);
  for (let run = 0; run < of.length; run++) if (of[run] === region) mask.fill(1, starts[run], ends[run]);
  const rim = 1 - backdropAround(mask, plain, size, 0);
  if (doubted) return rim > ENCLOSED;
  const frame = Math.max(3, Math.round(FRAME * Math.min(size.width, size.height)));
  return rim > FRAMED && backdropAround(mask, plain, size, frame) > THIN_FRAME;
}

/** Share of the pixels at a distance from a region that are backdrop to the plain cut. */
function backdropAround(mask: Uint8Array, plain: Uint8Array, size: Size, distance: number): number {
  const within = dilate(mask, size, distance);
  const beyond = dilate(mask, size, distance + 2);
  let backdrop = 0;
  let all = 0;
  for (let i = 0; i < mask.length; i++) {
    if (!beyond[i] || within[i]) continue;
    all++;
    if (plain[i] < 128) backdrop++;
  }
  return backdrop / Math.max(1, all);
}
