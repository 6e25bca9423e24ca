import type { BoundingBox, SegmentParams } from '../../contracts';
import { boundingBox } from '../../image';
import type { ObjectMask } from '../../tracking';

/** A product's size has to change by more than this share before the frames follow it. */
const DEAD_ZONE = 0.04;
/** Frames to each side over which a changing size is evened out. */
const EVEN = 4;
/** Room around a frame's product within which its edge may still move, in shares of the frame. */
export const SLACK = 0.06;

/** Which part of a video's frame becomes a picture. */
export interface Crop {
  /** Centre of the picture and its side, in pixels of the video's frame. */
  x: number;
  y: number;
  side: number;
}

/**
 * Plans a clip's pictures: each centred on its product, their scale following the product's size without trembling, or one
 * scale for all; never so that a product is cut off.
 * @param ratio pixels of the video for one of the clip that the masks were made on
 * @param video pixels of its frames; those that do not show the product become pictures of all that they show
 */
export function planCrops(
  masks: readonly ObjectMask[],
  ratio: number,
  video: { width: number; height: number },
  { padding, scale }: Pick<SegmentParams, 'padding' | 'scale'>,
): Crop[] {
  const boxes = masks.map((mask) => boxOf(mask, ratio));
  const lengths = boxes.map((box) => box && Math.max(box[2], box[3]));
  const known = lengths.filter((length) => length !== undefined);
  const most = known.length ? Math.max(...known) : 0;
  const steady = scale === 'clip' ? lengths.map(() => most) : steadied(lengths);
  return boxes.map((box, i) => {
    if (!box) return { x: video.width / 2, y: video.height / 2, side: Math.max(video.width, video.height) };
    const side = Math.max(steady[i], lengths[i]!) * (1 + padding / 50);
    return { x: box[0] + box[2] / 2, y: box[1] + box[3] / 2, side };
  });
}

function boxOf(
  { alpha, box: [x, y, width, height], lost }: ObjectMask,
  ratio: number,
): BoundingBox | undefined {
  const found = lost ? undefined : boundingBox(alpha, 96);
  if (!found) return undefined;
  const [across, down] = [(width / alpha.width) * ratio, (height / alpha.height) * ratio];
  return [x * ratio + found[0] * across, y * ratio + found[1] * down, found[2] * across, found[3] * down];
}

/** Lengths that stay as they are while they change little, and change evenly where they do. */
function steadied(lengths: readonly (number | undefined)[]): number[] {
  let held = lengths.find((length) => length !== undefined) ?? 0;
  const stepped = lengths.map((length) => {
    if (length !== undefined && Math.abs(length - held) > DEAD_ZONE * held) held = length;
    return held;
  });
  return stepped.map((_, i) => {
    const around = stepped.slice(Math.max(0, i - EVEN), i + EVEN + 1);
    return around.reduce((sum, value) => sum + value, 0) / around.length;
  });
}
