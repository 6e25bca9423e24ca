import type { Alpha, BoundingBox, RgbImage } from '../contracts';

/** The frames of a clip, all of one size, readable in any order. */
export interface ClipFrames {
  readonly count: number;
  /** @param index from 0 to `count - 1` */
  read(index: number): Promise<RgbImage>;
}

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
