import { throwIfAborted, type Alpha, type RgbImage } from '../../contracts';
import { resizeAlpha } from '../../image';
import { reduce, type PlainShape, type WorkImage } from '../plain';
import type { Size } from '../squares';
import { edgeSupport } from './support';
import { bandOf } from './band';
import { overlap, rate, UNSURE, type RatedCut, type Signs } from './confidence';
import { refineOutline } from './outline';
import { mixRim } from './rim';
import { settle } from './settle';
import { snap } from './snap';
import { soften, softEdges } from './soften';
import { clearHaze, smoothSteps } from './tidy';
import { upsample } from './upsample';

/** Side in pixels of what small networks see: what `REACH` is measured in. */
const NETWORK_SIDE = 320;
/** How far off the network's edge may lie, in its own pixels. */
const REACH = 7;
/** Share of a product cut from a checkerboard that the network may see nothing of. */
const MOST_ADDED = 0.15;
/** A plain cut and a network's matte that overlap this much confirm each other. */
const CONFIRMED = 0.9;
/** And that much: the plain cut has lost no face of the product as its shade, which would be 3.5 % of it or more. */
const SAME = 0.96;

/** Whether a plain cut and a network's matte show the same product, if perhaps not all of it. */
export function isConfirmed(matte: Alpha, plain: Alpha): boolean {
  return overlap(matte, sample(plain, matte)) >= CONFIRMED;
}

/** Whether a plain cut shows all of the product that a network's matte does. */
export function isWhole(matte: Alpha, plain: Alpha): boolean {
  return overlap(matte, sample(plain, matte)) >= SAME;
}

/** Every so many-th pixel of a matte, so that it has another size. */
function sample({ data, width, height }: Alpha, to: Size): Alpha {
  const small = new Uint8Array(to.width * to.height);
  for (let y = 0, i = 0; y < to.height; y++) {
    const row = Math.floor(((y + 0.5) * height) / to.height) * width;
    for (let x = 0; x < to.width; x++) small[i++] = data[row + Math.floor(((x + 0.5) * width) / to.width)];
  }
  return { data: small, width: to.width, height: to.height };
}

export interface CombineOptions {
  /** The photo brought down to where edges are searched, where that was done already. */
  work?: WorkImage;
  /** The same network's matte by another look at the photo, of the same size. */
  second?: Alpha;
  /** What the cutter for plain backdrops says of the same photo, where it does not refuse it. */
  plain?: PlainShape;
  signal?: AbortSignal;
}

/**
 * A cutout out of a network's coarse matte: the network says what the product is, the photo where its edge runs. Where
 * the network is undecided, the cut of a plain backdrop says what the product is.
 * @param matte as the network gave it, of any size
 * @throws VitrineError CANCELLED
 */
export async function combine(
  photo: RgbImage,
  matte: Alpha,
  { work = reduce(photo), second, plain, signal }: CombineOptions = {},
): Promise<RatedCut> {
  // Beside a plain cut the second look only tells how steady the first is.
  const seen = second && !plain ? join(matte, second) : matte;
  const { width, height } = work;
  const unit = Math.sqrt(width * height) / NETWORK_SIDE;
  const coarse = await resizeAlpha(seen, width, height, 'cubic');
  if (signal) throwIfAborted(signal);
  const field = new Float32Array(coarse.data.length);
  for (let i = 0; i < field.length; i++) field[i] = coarse.data[i] / 255;
  const theirs = plain && (await resizeAlpha(plain.mask, width, height, 'linear'));
  if (plain?.checkered && plain.confidence >= UNSURE && addsLittle(theirs!, field)) {
    return { alpha: plain.cut(), confidence: plain.confidence };
  }
  const settled =
    theirs &&
    settle(field, theirs.data, work, Math.max(2, Math.round(unit * 2)), second && overlap(matte, second));
  const shape = settled?.shape ?? field;
  const edged = snap(
    { ...work, data: work.rgb },
    shape,
    bandOf(shape, work, Math.max(2, Math.round(REACH * unit))),
  );
  if (signal) throwIfAborted(signal);
  // At the photo's own size an outline is as fine as can be.
  const even = work.scale > 1 ? smoothSteps(edged, work) : edged;
  const soft = softEdges(shape, work, unit);
  const fine = soft ? soften(even, shape, soft) : even;
  clearHaze(fine, work);
  const alpha = upsample(photo, work, fine);
  if (signal) throwIfAborted(signal);
  if (work.scale > 1) refineOutline(photo, alpha, work.scale, soft && { ...work, share: soft });
  else if (theirs) mixRim(photo, alpha, theirs);
  const signs: Signs = {
    matte,
    looks: second && [matte, second],
    conflict: settled?.conflict,
    support: edgeSupport(fine, work),
  };
  return { alpha, ...rate(signs) };
}

/** Whether next to nothing is product to the plain cut only. */
function addsLittle({ data }: Alpha, field: Float32Array): boolean {
  let [added, product] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    if (data[i] < 128) continue;
    product++;
    if (field[i] < 0.5) added++;
  }
  return added < MOST_ADDED * product;
}

/** Two looks in one: the more decided one counts more. */
function join(one: Alpha, other: Alpha): Alpha {
  const data = one.data.map((value, i) => {
    const second = other.data[i];
    const [own, theirs] = [1 + Math.abs(2 * value - 255), 1 + Math.abs(2 * second - 255)];
    return (own * value + theirs * second) / (own + theirs) + 0.5;
  });
  return { ...one, data };
}
