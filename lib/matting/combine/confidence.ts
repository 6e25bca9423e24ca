import type { Alpha } from '../../contracts';
import { erode } from '../squares';

export interface Signs {
  /** What the network sees, as it gave it. */
  matte: Alpha;
  /** Its two looks, where it looked twice. */
  looks?: [Alpha, Alpha];
  /** Share of the outline where the photo has an edge too, 0..1; nothing: not looked at. */
  support?: number;
  /** Share of the product that it and the plain cut see differently; nothing: the plain cut refused. */
  conflict?: number;
}

/**
 * For each sign: its size that brings the confidence down to a half. Set by hand on 146 photos with known masks. What
 * else was looked at (touching the frame, colours on both sides of the outline, loose parts) sorted no better.
 * `bench/README.md` has the figures.
 */
const HALF = { undecided: 0.12, disagreement: 0.0075, conflict: 0.15, unsupported: 0.6 };
/** Two looks differ where they do so over more than this share of the matte's width to every side. */
const THICK = 1 / 80;

/** What a network leaves undecided, as a share of the product: 0 for a matte of pure black and white. */
export function undecided({ data }: Alpha): number {
  let open = 0;
  let product = 0;
  for (let i = 0; i < data.length; i++) {
    open += data[i] > 127 ? 255 - data[i] : data[i];
    if (data[i] > 127) product++;
  }
  return open / 255 / Math.max(1, product);
}

/** @returns how sure the cut is, 0..1, and what it falls under `least` for */
export function rate(
  { matte, looks, conflict, support = 1 }: Signs,
  least: number,
): { confidence: number; doubts: string[] } {
  const open = undecided(matte) / HALF.undecided;
  const apart = looks ? Math.sqrt(disagreement(...looks) / HALF.disagreement) : 0;
  const against = (conflict ?? 0) / HALF.conflict;
  const bare = (1 - support) / HALF.unsupported;
  const confidence = 1 / (1 + open ** 2 + apart ** 2 + against ** 2 + bare ** 2);
  if (confidence >= least) return { confidence, doubts: [] };
  const doubts = [];
  const most = Math.max(open, apart, against, bare);
  if (open === most) doubts.push('the network is undecided about much of it');
  else if (apart === most) doubts.push('the network sees another product in the mirrored photo');
  else if (bare === most) doubts.push('along much of its outline the photo has no edge');
  else doubts.push('the network and the plain backdrop tell of different shapes');
  return { confidence, doubts };
}

/** The cores of what only one of two looks takes for product, as a share of what either does: not an edge that moved. */
function disagreement(one: Alpha, other: Alpha): number {
  const differs = new Uint8Array(one.data.length);
  let product = 0;
  for (let i = 0; i < differs.length; i++) {
    const [a, b] = [one.data[i] > 127, other.data[i] > 127];
    if (a !== b) differs[i] = 1;
    if (a || b) product++;
  }
  const cores = erode(differs, one, Math.round(THICK * one.width));
  return cores.reduce((sum, core) => sum + core, 0) / Math.max(1, product);
}

/** Intersection over union of two mattes of one size. */
export function overlap(one: Alpha, other: Alpha): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < one.data.length; i++) {
    const [a, b] = [one.data[i] > 127, other.data[i] > 127];
    if (a && b) both++;
    if (a || b) either++;
  }
  return either ? both / either : 1;
}
