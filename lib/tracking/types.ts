import type { Alpha, BoundingBox, RgbImage } from '../contracts';

/** Frames of a clip, all of one size, to be read in any order. */
export interface ClipFrames {
  readonly count: number;
  /** @param index from 0 */
  read(index: number): Promise<RgbImage>;
}

/** Where somebody has found the object: a box around it, or a point on it; in pixels of the clip's frames. */
export type Place = { frame: number } & ({ box: BoundingBox } | { point: readonly [number, number] });

/** What says which object is meant: a box, points, or both, in pixels of the clip's frames. */
export interface ObjectPrompt {
  /** The frame it is meant for, from 0. */
  frame: number;
  box?: BoundingBox;
  /** 1: on the object, 0: beside it. */
  points?: readonly { x: number; y: number; label: 0 | 1 }[];
}

/** One object in one frame. */
export interface TrackedObject {
  /** Of the frame's size; without specks; empty where the object is lost. */
  alpha: Alpha;
  /** Before the sigmoid, as the network answers: `side` x `side`, the frame squashed into it. */
  logits: { data: Float32Array; side: number };
  /** Over 0: the network sees the object; about 6 to 8 where it is sure. */
  score: number;
  /** The network does not see it, or what it sees cannot be it. */
  lost: boolean;
  /** What the network sees here and cannot be the object: too large for it, or elsewhere. */
  refused?: 'size' | 'place';
}

export interface TrackedFrame {
  index: number;
  /** As the prompts are ordered. */
  objects: TrackedObject[];
}

export interface TrackOptions {
  signal: AbortSignal;
  /**
   * A rim around each frame while it is looked at, in which it is mirrored, as a share of its longer side, 0..0.25: what
   * touches the frame's edge is apt to have bumps there without one. Default: none. `logits` are of the frame with it.
   */
  rim?: number;
  /** Told after each frame how many are done, of how many. */
  onFrame?(done: number, total: number): void;
  /**
   * Looks for a lost object, so that it can be prompted anew: boxes of what may be it, the likeliest first. Without it the
   * object comes back when the network sees it again.
   * @param object its place among the prompts
   */
  find?(frame: RgbImage, index: number, object: number): Promise<readonly BoundingBox[]>;
}
