import type { Alpha, BoundingBox } from '../../contracts';
import { boundingBox, cropTo, resizeAlpha } from '../../image';
import { windowAround } from './window';

/** Pixels of a side that a compact mask has at most. */
const COMPACT = 320;

/** Where an object is in one frame. */
export interface ObjectMask {
  /** Its matte within `box`, of whatever resolution the tracker works at. */
  alpha: Alpha;
  /** The part of the frame that the matte covers, in pixels of the clip's frames. */
  box: BoundingBox;
  /** How sure it is, 0..1. */
  score: number;
  /** The object was not found in this frame; the matte is empty then. */
  lost: boolean;
}

/** An object that is not in a frame. */
export const LOST: ObjectMask = {
  alpha: { data: new Uint8Array(1), width: 1, height: 1 },
  box: [0, 0, 1, 1],
  score: 0,
  lost: true,
};

/** A whole frame's matte, cut down to what is around the object, so that a clip's can be kept in memory. */
export async function compactMask(alpha: Alpha, score: number): Promise<ObjectMask> {
  const found = boundingBox(alpha, 96);
  if (!found) return LOST;
  const box = windowAround(found, alpha);
  const part = cropTo(alpha, box);
  const width = Math.min(COMPACT, part.width);
  const height = Math.min(COMPACT, part.height);
  return { alpha: await resizeAlpha(part, width, height), box, score, lost: false };
}
