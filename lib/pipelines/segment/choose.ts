import type { SegmentParams } from '../../contracts';
import type { ObjectMask } from '../../tracking';
import type { Clip } from './clip';
import type { Crop } from './crops';
import { sharpnessOf } from './sharpness';

/** Share of the clip's usual sharpness below which a frame is blurred. */
const BLURRED = 0.3;
/** Mean difference in grey levels up to which two frames show the same. */
const SAME = 0.8;

/** A frame of the clip that becomes a picture. */
export interface Chosen {
  /** In the clip. */
  place: number;
  mask: ObjectMask;
  crop: Crop;
  /** Against the sharpest frame of the clip, 0..1. */
  sharpness: number;
}

/** Which frames become pictures, and how many are left out for what. */
export function chooseFrames(
  clip: Clip,
  masks: readonly ObjectMask[],
  crops: readonly Crop[],
  params: Pick<SegmentParams, 'drop_empty' | 'drop_blurred' | 'drop_duplicates'>,
): { chosen: Chosen[]; dropped: { empty: number; blurred: number; duplicate: number } } {
  const sharpness = masks.map(({ lost, box }, place) =>
    lost ? 0 : sharpnessOf(clip.frames[place].detail, box),
  );
  const most = Math.max(...sharpness, 1e-6);
  const usual = [...sharpness].filter(Boolean).sort((a, b) => a - b);
  const median = usual[Math.floor(usual.length / 2)] ?? 0;
  const dropped = { empty: 0, blurred: 0, duplicate: 0 };
  const chosen: Chosen[] = [];
  for (const [place, mask] of masks.entries()) {
    const crop = crops[place];
    const before = chosen.at(-1)?.place;
    if (mask.lost && params.drop_empty) dropped.empty++;
    else if (params.drop_blurred && sharpness[place] < BLURRED * median) dropped.blurred++;
    else if (params.drop_duplicates && before !== undefined && isSame(clip, before, place))
      dropped.duplicate++;
    else chosen.push({ place, mask, crop, sharpness: sharpness[place] / most });
  }
  return { chosen, dropped };
}

function isSame({ frames }: Clip, one: number, other: number): boolean {
  const [a, b] = [frames[one].detail.thumb, frames[other].detail.thumb];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length < SAME;
}

/** Which of the pictures stands for the product: sharp, sure, well in the frame, near the middle of the clip. */
export function primaryOf(
  chosen: readonly Pick<Chosen, 'place' | 'crop' | 'sharpness' | 'mask'>[],
  clip: Pick<Clip, 'count' | 'width' | 'height'>,
  ratio: number,
): number {
  const scores = chosen.map(({ place, crop, sharpness, mask }) => {
    const fromMiddle = Math.abs(place / Math.max(1, clip.count - 1) - 0.5) * 2;
    const [across, down] = [crop.x / (clip.width * ratio) - 0.5, crop.y / (clip.height * ratio) - 0.5];
    return sharpness * mask.score * (1 - 0.5 * fromMiddle) * (1 - Math.min(0.8, Math.hypot(across, down)));
  });
  return scores.indexOf(Math.max(...scores));
}
