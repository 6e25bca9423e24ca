import type { Alpha, BoundingBox } from '../../contracts';

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
