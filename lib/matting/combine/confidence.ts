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

/** A cut of one photo, and how sure it is. */
export interface RatedCut extends Rating {
  /** Of the photo's size. */
  alpha: Alpha;
}

export interface Rating {
  /** 0..1; under `UNSURE` a person should look at the cut. */
  confidence: number;
  /** What makes it unsure most of all, in words; undefined for a sure one. */
  doubt?: string;
}

/** Confidence under which a cut is unsure. */
export const UNSURE = 0.5;

/**
 * For each sign: its size that brings the confidence down to a half. Set by hand on 146 photos with known masks. What
 * else was looked at (touching the frame, colours on both sides of the outline, loose parts) sorted no better.
 * `bench/README.md` has the figures.
 */
const HALF = { undecided: 0.12, disagreement: 0.0075, conflict: 0.15, unsupported: 0.6 };
/** Two looks differ where they do so over more than this share of the matte's width to every side. */
const THICK = 1 / 80;

/** What a network leaves undecided, as a share of the product: 0 for a matte of pure black and white. */
function undecided({ data }: Alpha): number {
  let open = 0;
  let product = 0;
  for (let i = 0; i < data.length; i++) {
    open += data[i] > 127 ? 255 - data[i] : data[i];
    if (data[i] > 127) product++;
  }
  return open / 255 / Math.max(1, product);
}

/** How sure a cut is by what there is to be seen of it. */
export function rate({ matte, looks, conflict, support = 1 }: Signs): Rating {
  const open = undecided(matte) / HALF.undecided;
  const apart = looks ? Math.sqrt(disagreement(...looks) / HALF.disagreement) : 0;
  const against = (conflict ?? 0) / HALF.conflict;
  const bare = (1 - support) / HALF.unsupported;
  const confidence = 1 / (1 + open ** 2 + apart ** 2 + against ** 2 + bare ** 2);
  if (confidence >= UNSURE) return { confidence };
  const doubts: [number, string][] = [
    [open, 'the network is undecided about much of it'],
    [apart, 'the network sees another product when it looks again'],
    [bare, 'along much of its outline the photo has no edge'],
    [against, 'the network and the plain backdrop tell of different shapes'],
  ];
  const [, doubt] = doubts.reduce((most, each) => (each[0] > most[0] ? each : most));
  return { confidence, doubt };
}

/** The cores of what only one of two looks takes for product, as a share of what either does: not an edge that moved. */
function disagreement(one: Alpha, other: Alpha): number {
  const differs = new Uint8Array(one.data.length);
  let product = 0;
  for (let i = 0; i < differs.length; i++) {
    const a = one.data[i] > 127;
    const b = other.data[i] > 127;
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
    const a = one.data[i] > 127;
    const b = other.data[i] > 127;
    if (a && b) both++;
    if (a || b) either++;
  }
  return either ? both / either : 1;
}
