import type { RgbImage } from '../../contracts';

/** Numbers in row-major order: `data.length` is the product of `dims`. */
export interface Values {
  data: Float32Array;
  dims: readonly number[];
}

/** A point of a prompt, in pixels of the network's input. */
export interface PromptPoint {
  x: number;
  y: number;
  /** 1: on the object, 0: beside it, 2 and 3: upper left and lower right corner of its box. */
  label: 0 | 1 | 2 | 3;
}

/** What the network sees in one frame: made once, for every object. */
export interface FrameFeatures {
  /** By scale, finest first: [1, channels, rows, columns]. */
  readonly fine: Values;
  readonly middle: Values;
  readonly coarse: Values;
  /** The coarsest for a frame that is looked at without memory. */
  readonly fresh: Values;
}

/** One object in one frame. */
export interface DecodedMask {
  /** Before the sigmoid, `side` x `side`, the frame squashed into it: over 0 is the object; -1024 where it is not seen. */
  logits: Float32Array;
  /** Pixels. */
  side: number;
  /** The same at the size of the network's input, which memory is made of. */
  full: Float32Array;
  /** How well the network takes its mask to fit, 0..1. */
  iou: number;
  /** Over 0: the object is in the frame. About 6 to 8 where it is tracked well. */
  score: number;
  /** The object as a vector. */
  pointer: Float32Array;
}

/** What is kept of a frame for later ones: [tokens, channels] in bfloat16, as it is in the loop the network comes from. */
export interface FrameMemory {
  tokens: Uint16Array;
}

/** What a frame is looked at with. */
export interface MemoryBank {
  /** Frames with a prompt first, without `age`; then tracked ones, the oldest first: an age of 1 is the frame before. */
  memories: readonly { memory: FrameMemory; age?: number }[];
  /** Those of frames with a prompt first; then of tracked ones, the nearest first. Distances in frames. */
  pointers: readonly { pointer: Float32Array; distance: number }[];
  /** The distance that counts as 1. */
  span: number;
}

/** What follows an object through a clip; the order of frames and what is remembered of them is the caller's. */
export interface TrackingNetwork {
  /** Pixels of a side of its square input, which frames are squashed to. */
  readonly size: number;
  /** Tracked frames that it looks back to, beside those with a prompt. */
  readonly lookBack: number;
  /** Pointers that it looks at, those of frames with a prompt included. */
  readonly pointers: number;
  encode(frame: RgbImage): Promise<FrameFeatures>;
  /** The coarsest features of a frame, with what is remembered of others in them. */
  attend(features: FrameFeatures, bank: MemoryBank): Promise<Values>;
  /**
   * @param seen what `attend` says, or `fresh` of a frame with a prompt
   * @param points none: the object that is remembered
   * @throws VitrineError INVALID_MODEL for numbers that are not finite
   */
  decode(features: FrameFeatures, seen: Values, points: readonly PromptPoint[]): Promise<DecodedMask>;
  /** @param prompted the mask came from a prompt, and is taken as certain */
  remember(features: FrameFeatures, mask: DecodedMask, prompted: boolean): Promise<FrameMemory>;
}
