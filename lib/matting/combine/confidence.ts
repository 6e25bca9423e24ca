import type { Alpha } from '../../contracts';

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

/** For each sign: its size that brings the confidence down to a half. */
const HALF = { undecided: 0.08, disagreement: 0.2, conflict: 0.1, unsupported: 0.4 };

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
  const apart = looks ? (1 - overlap(...looks)) / HALF.disagreement : 0;
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

function overlap(one: Alpha, other: Alpha): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < one.data.length; i++) {
    const [a, b] = [one.data[i] > 127, other.data[i] > 127];
    if (a && b) both++;
    if (a || b) either++;
  }
  return either ? both / either : 1;
}
