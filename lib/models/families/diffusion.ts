import type { RgbImage } from '../../contracts';
import type { Tensor } from '../../runtime';

/** One picture as a generator works on it: channel by channel, row by row. */
export interface Latents {
  data: Float32Array;
  channels: number;
  /** Cells, each `cell` pixels of the picture wide and high. */
  width: number;
  height: number;
}

/** A picture's red, green and blue, one after the other, -1..1. */
export interface Planes {
  data: Float32Array;
  /** Pixels. */
  width: number;
  height: number;
}

/** A prompt as the denoiser is fed with it. */
export interface Prompt {
  /** By the input's name, for one picture. */
  feeds: Record<string, Tensor>;
  /** The end of the text that did not fit; undefined where all did. */
  dropped?: string;
}

/** Which noise levels the steps go through, and how. */
export type Schedule =
  | {
      scheduler: 'euler' | 'euler-ancestral' | 'lcm';
      spacing: 'leading' | 'trailing';
      prediction: 'epsilon' | 'v_prediction';
    }
  | { scheduler: 'flow-match-euler' };

/** What draws pictures from noise and a prompt, step by step. */
export interface DiffusionNetwork {
  readonly schedule: Schedule;
  /** Steps that it takes where none are asked for, and at most. */
  readonly steps: { default: number; most: number };
  /** How closely it keeps to the prompt by default; undefined: it was trained to draw without guidance. */
  readonly guidance: number | undefined;
  /** It takes the guidance as an input, and no negative prompt. */
  readonly guidesItself: boolean;
  /** It draws pictures of about `size` x `size` pixels. */
  readonly size: number;
  /** The only size in pixels that it draws, where its graph leaves none open. */
  readonly fixed?: { width: number; height: number };
  /** Sides of its pictures are multiples of this many pixels. */
  readonly multiple: number;
  /** Pixels of the picture a side that one latent cell stands for. */
  readonly cell: number;
  /** Of the latents. */
  readonly channels: number;
  /**
   * Brings a text to what the denoiser is fed with for a picture of this size in pixels.
   * @param text undefined: nothing, as the network was trained with nothing in a prompt's place
   */
  read(text: string | undefined, size: { width: number; height: number }): Promise<Prompt>;
  /**
   * What the denoiser says of latents at a noise level, one answer for each prompt.
   * @param timestep as the schedule has it
   * @param guidance told to networks that take it as an input
   * @throws VitrineError INVALID_MODEL, DEVICE_UNAVAILABLE
   */
  predict(
    latents: Latents,
    timestep: number,
    prompts: readonly Prompt[],
    guidance: number,
  ): Promise<Float32Array[]>;
  /** The picture of finished latents. */
  decode(latents: Latents): Promise<Planes>;
  /** A picture as latents; undefined where the network came without an encoder. */
  encode?(image: RgbImage): Promise<Latents>;
}
