import { z } from 'zod/v4';
import { color, flag, number, oneOf, optional, readFlag, whole } from './fields';
import { OUTPUT_FORMATS, type OutputFormat } from './formats';
import type { BoundingBox } from './pixels';

export const REMOVE_MODES = ['transparent', 'soften', 'mask', 'color'] as const;
export const DEVICES = ['auto', 'cpu', 'cuda', 'webgpu', 'coreml', 'dml'] as const;

/** What a model's id looks like. */
export const MODEL_ID_PATTERN = /^[a-z0-9][a-z0-9.-]{0,63}$/;

/** How the old backdrop is taken out of edge colours. */
export const DECONTAMINATIONS = ['blur-fusion', 'multi-level', 'off'] as const;

/** What becomes of a cutout that a person should look at. */
export const IF_UNSURE = ['use', 'fail'] as const;

export type RemoveMode = (typeof REMOVE_MODES)[number];
export type Device = (typeof DEVICES)[number];

/** Was a flag once: true stands for the default, false for off. */
const decontamination = z.preprocess((value) => {
  const read = readFlag(value);
  return read === true ? 'blur-fusion' : read === false ? 'off' : read;
}, z.enum(DECONTAMINATIONS));

/** Everything a cutout can be asked for. Names and defaults of `mode`, `enhance_fg` and `denoise` are the seed service's. */
export const removeParams = z.strictObject({
  mode: z.enum(REMOVE_MODES).default('transparent').describe(oneOf(REMOVE_MODES)),
  model: z.string().regex(MODEL_ID_PATTERN).default('auto').describe('a model id such as auto or plain'),
  device: z.enum(DEVICES).default('auto').describe(oneOf(DEVICES)),
  strict_device: flag
    .default(false)
    .describe('true or false (true: fail instead of falling back to another device)'),
  if_unsure: z
    .enum(IF_UNSURE)
    .default('use')
    .describe(`${oneOf(IF_UNSURE)} (what becomes of a cutout that a person should look at)`),
  enhance_fg: flag.default(true).describe('true or false (local contrast of the product)'),
  denoise: flag.default(false).describe('true or false (remove noise from the product)'),
  alpha_matting: flag
    .default(false)
    .describe('true or false (find the soft edge anew from the colours of the photo)'),
  alpha_matting_foreground_threshold: whole(0, 255)
    .default(240)
    .describe('a whole number from 0 to 255 (certainly product where the mask is above)'),
  alpha_matting_background_threshold: whole(0, 255)
    .default(10)
    .describe('a whole number from 0 to 255 (certainly backdrop where the mask is below)'),
  alpha_matting_erode_size: whole(0, 200)
    .default(10)
    .describe('a whole number from 0 to 200 (pixels that both are shrunk by)'),
  decontaminate: decontamination
    .default('blur-fusion')
    .describe(`${oneOf(DECONTAMINATIONS)} (how the old backdrop is taken out of edge colours)`),
  second_pass: flag
    .default(true)
    .describe('true or false (above 2000 pixels: let the network look once more, closer, for a finer edge)'),
  clean_mask: flag
    .default(true)
    .describe("true or false (take haze, specks and pinholes out of a network's mask)"),
  fill_holes: number(0, 100)
    .default(0)
    .describe("a number from 0 to 100 (holes up to this per cent of the product's area are filled)"),
  drop_islands: number(0, 100)
    .default(0)
    .describe('a number from 0 to 100 (pieces below this per cent of the largest one are dropped)'),
  smooth: number(0, 50)
    .default(0)
    .describe('a number from 0 to 50 (pixels; jags, hairs and slits narrower than about twice this go)'),
  grow: number(-50, 50)
    .default(0)
    .describe('a number from -50 to 50 (pixels that the mask grows by; below 0 it shrinks)'),
  feather: number(0, 100).default(0).describe('a number from 0 to 100 (pixels of extra edge softness)'),
  bgcolor: color.default('#ffffff').describe('a colour such as #fff or #f4f1ec'),
  crop: flag.default(false).describe('true or false (crop to the product)'),
  padding: number(0, 100)
    .default(5)
    .describe("a number from 0 to 100 (per cent of the product's longer side, used with crop or size)"),
  size: optional(whole(16, 8192)).describe(
    'a whole number from 16 to 8192 (pixels; a square with the product centred)',
  ),
  format: optional(z.enum(OUTPUT_FORMATS)).describe(oneOf(OUTPUT_FORMATS)),
  quality: optional(whole(1, 100)).describe('a whole number from 1 to 100'),
  keep_metadata: flag.default(false).describe('true or false (keep EXIF, GPS and other metadata)'),
  mask: flag.default(false).describe('true or false (answer with the mask as well)'),
});

export type RemoveParams = z.output<typeof removeParams>;
export type RemoveParamsInput = z.input<typeof removeParams>;

/** Milliseconds of the job's parts. */
export interface Metrics {
  elapsed_ms: number;
  decode_ms: number;
  infer_ms: number;
  refine_ms: number;
  encode_ms: number;
  /** Of jobs that put products on backdrops. */
  compose_ms?: number;
  /** Of `infer_ms`, what loading the network took; only when it was not there already. */
  load_ms?: number;
  /** Megabytes of the graphics card's memory in use by the worker, where that can be told. */
  device_memory_mb?: number;
}

/** What every job that cuts a product out says of its cut. */
export interface CutResult {
  /** The model that really cut. */
  model: string;
  /** The device that really ran it. */
  device: Exclude<Device, 'auto'>;
  format: OutputFormat;
  /** Pixels of the output; of several, of the first. */
  width: number;
  height: number;
  /** The product in the upright input photo. */
  bbox: BoundingBox;
  /** Share of the input photo that the product covers, 0..1. */
  coverage: number;
  /** How sure the cutout is, 0..1. */
  confidence: number;
  /** A person should look at it; `warnings` say why. */
  unsure: boolean;
  /** Things the reader should know, such as a device fallback. */
  warnings: string[];
  metrics: Metrics;
}

/** The answer of a cutout job. In the API `artifacts` are URLs, on the terminal paths. */
export interface RemoveResult extends CutResult {
  mode: RemoveMode;
  artifacts: { output: string; mask?: string };
}
