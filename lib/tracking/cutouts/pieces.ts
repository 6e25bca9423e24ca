import type { Alpha } from '../../contracts';
import { findRegions } from '../../image';

/** From which value on a matte's pixels hang together, 0..255. */
const FAINT = 48;
/** Share of a piece that has to lie where the object was, unless it is the one that lies there most. */
const OVERLAP = 0.3;

/**
 * The pieces of a matte that are the object; what else drew the network's attention goes.
 * @param prior where the object was, of the same size; without it the largest piece is kept
 */
export function piecesOf(matte: Alpha, prior?: Alpha): Alpha {
  const { data, width, height } = matte;
  const { areas, starts, ends, of } = findRegions(data, width, height, { from: FAINT, to: 255 });
  const shared = new Float64Array(areas.length);
  const weight = new Float64Array(areas.length);
  for (let run = 0; run < starts.length; run++) {
    for (let i = starts[run]; i < ends[run]; i++) {
      weight[of[run]] += data[i];
      if (!prior || prior.data[i] > 127) shared[of[run]] += data[i];
    }
  }
  const main = shared.reduce((best, value, region) => (value > shared[best] ? region : best), 0);
  const kept = new Uint8Array(data.length);
  for (let run = 0; run < starts.length; run++) {
    const region = of[run];
    const isOurs = region === main || (prior !== undefined && shared[region] >= OVERLAP * weight[region]);
    if (isOurs) kept.set(data.subarray(starts[run], ends[run]), starts[run]);
  }
  return { data: kept, width, height };
}

/** The piece of a matte that one of its pixels lies in; nothing where none does. */
export function pieceAt(matte: Alpha, x: number, y: number): Alpha | undefined {
  const { data, width, height } = matte;
  const at = y * width + x;
  if (data[at] < FAINT) return undefined;
  const prior = new Uint8Array(data.length);
  prior[at] = 255;
  return piecesOf(matte, { data: prior, width, height });
}

/** Share of a matte's pixels that are product. */
export function areaOf({ data }: Alpha): number {
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i] > 127) count++;
  return count / data.length;
}

/** How decided a matte is about what is product, 0..1: its mean where it is at all. */
export function decidedness({ data }: Alpha): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    if (data[i] < FAINT) continue;
    sum += data[i];
    count++;
  }
  return count ? sum / (255 * count) : 0;
}

/** Intersection over union of two mattes of one size, soft. */
export function overlapOf(one: Alpha, other: Alpha): number {
  let [shared, all] = [0, 0];
  for (let i = 0; i < one.data.length; i++) {
    const a = one.data[i];
    const b = other.data[i];
    shared += a < b ? a : b;
    all += a > b ? a : b;
  }
  return all ? shared / all : 1;
}
