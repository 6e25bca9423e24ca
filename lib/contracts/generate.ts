import type { Device, Metrics } from './remove';

/** What a scene is drawn from. */
export interface GenerateInput {
  /** What the scene shows. */
  prompt: string;
  /** What it shall not show; without effect where nothing guides. */
  negative_prompt?: string;
  /** 1..100; default: the model's own. */
  steps?: number;
  /** 1..20, how closely the prompt is kept to; at 1 nothing guides. Default: the model's own. */
  guidance_scale?: number;
  /** A whole number from 0 to 2^32 - 1: the same one draws the same scene. Default: a random one. */
  seed?: number;
  /** Pixels of the frame: the scene has its proportions up to 4 to 1, and the size that the model draws best. */
  width: number;
  height: number;
  /** An id of the registry; default: `MODEL_ID`. */
  model?: string;
  /** Default: `DEVICE`. */
  device?: Device;
  /** Fail instead of falling back to another device. Default: no. */
  strict_device?: boolean;
  /** Draws the scene around a product that stands in the frame already. */
  around?: SceneAround;
}

/** A product in its frame. Its own pixels are to be put back over the scene: they come out near, not equal. */
export interface SceneAround {
  /** An encoded picture with the frame's proportions: the product on a neutral ground. */
  file: string;
  /** An encoded picture of the same size: white, or opaque, where the product is. */
  mask: string;
  /** Seeds that are tried, 1..16, of which the one that makes the least of the product's shape is kept. Default 1. */
  tries?: number;
}

/** One of several seeds that were tried. */
export interface SeedScore {
  seed: number;
  /** How much the object at the product's place grows beyond it, in shares of the product's area; 0 is best. */
  expansion: number;
}

export interface GenerateResult {
  /** A PNG in the job's folder. */
  file: string;
  /** The model and the device that really drew. */
  model: string;
  device: Exclude<Device, 'auto'>;
  seed: number;
  /** What was really taken, after the model's own bounds. */
  steps: number;
  guidance_scale: number;
  /** Pixels of the file. */
  width: number;
  height: number;
  /** Only where several seeds were tried, in their order. */
  scores?: SeedScore[];
  /** Things the reader should know, such as words of the prompt that did not fit. */
  warnings: string[];
  metrics: Metrics;
}
