import type { Alpha, BoundingBox } from '../../contracts';
import { boundingBox, resizeAlpha } from '../../image';
import type { Size } from '../squares';

/** Alpha from which a pixel may be of the product. */
const PERHAPS = 100;
/** Room around the product, as a share of its longer side: without any, networks take parts of it for the ground. */
const ROOM = 0.15;
/** A closer look must show the product with this many times the pixels, or it is no better than one at all of the photo. */
const LEAST_GAIN = 1.25;

/**
 * Where to look closer: the product with room around it.
 * @param matte of the whole photo, of any size
 * @returns pixels of the photo; undefined where that is nearly all of it
 */
export function closerBox(matte: Alpha, photo: Size): BoundingBox | undefined {
  const box = boundingBox(matte, PERHAPS);
  if (!box) return undefined;
  const [across, down] = [photo.width / matte.width, photo.height / matte.height];
  const room = ROOM * Math.max(box[2] * across, box[3] * down);
  const left = Math.max(0, Math.floor(box[0] * across - room));
  const top = Math.max(0, Math.floor(box[1] * down - room));
  const right = Math.min(photo.width, Math.ceil((box[0] + box[2]) * across + room));
  const bottom = Math.min(photo.height, Math.ceil((box[1] + box[3]) * down + room));
  const [width, height] = [right - left, bottom - top];
  return photo.width * photo.height < LEAST_GAIN * width * height ? undefined : [left, top, width, height];
}

/**
 * Brings a look at the whole photo and a closer one to one size.
 * @param closer matte of `box`, of any size
 * @param box pixels of the photo, which has `scale` times as many pixels in each direction as `size`
 * @returns both looks at the whole photo; outside of the box the second is the first
 */
export async function placeCloser(
  matte: Alpha,
  closer: Alpha,
  box: BoundingBox,
  { width, height, scale }: Size & { scale: number },
): Promise<[Alpha, Alpha]> {
  const first = await resizeAlpha(matte, width, height, 'cubic');
  const [left, top] = [box[0], box[1]].map((side) => Math.floor(side / scale));
  const right = Math.min(width, Math.ceil((box[0] + box[2]) / scale));
  const bottom = Math.min(height, Math.ceil((box[1] + box[3]) / scale));
  const inside = await resizeAlpha(closer, right - left, bottom - top, 'cubic');
  const data = first.data.slice();
  for (let y = top; y < bottom; y++) {
    const row = (y - top) * inside.width;
    data.set(inside.data.subarray(row, row + inside.width), y * width + left);
  }
  return [first, { data, width, height }];
}
