import { z } from 'zod/v4';
import { color, flag, number, oneOf, optional, readObject, whole } from './fields';
import { OUTPUT_FORMATS } from './formats';
import { DRAWN_BACKDROPS, GENERATORS, type SceneEngine, lookSchema } from './look';
import type { BoundingBox } from './pixels';
import { removeParams, type CutResult } from './remove';
import type { SceneCost, SceneView } from './scenes';

/** What makes the backdrop; the seed service's name for sdxl is taken as well. */
export const BG_ENGINES = ['auto', ...DRAWN_BACKDROPS, ...GENERATORS] as const;
export type BgEngine = (typeof BG_ENGINES)[number];

/** Presets of one call, each of which makes a picture. */
export const MAX_PRESETS = 20;

const SIDE = [16, 16_384] as const;

/** An engine by its name in any case: `SDXL`, `stable-diffusion`. */
export const bgEngine = z.preprocess((value) => {
  if (typeof value !== 'string') return value;
  const name = value.trim().toLowerCase();
  return name === 'stable-diffusion' ? 'sdxl' : name;
}, z.enum(BG_ENGINES));

/** A preset's name as people write it: `Product Studio`, `product_studio`. */
function presetName(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
}

const presetList = z.preprocess(
  (value) => {
    const names = typeof value === 'string' ? value.split(',') : value;
    if (!Array.isArray(names)) return names;
    const given = names.map((name: unknown) => (typeof name === 'string' ? presetName(name) : name));
    const kept = given.filter((name) => name !== '');
    return kept.length ? kept : undefined;
  },
  z
    .array(z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/))
    .max(MAX_PRESETS)
    .optional(),
);

const { model, device, strict_device, if_unsure } = removeParams.shape;

/** Everything a replacement can be asked for. The first nine names and defaults are the seed service's. */
export const replaceParams = z.strictObject({
  prompt: optional(z.string().trim().max(2000)).describe(
    'a text of at most 2000 characters (the scene; needs a generator)',
  ),
  negative_prompt: z
    .string()
    .max(2000)
    .default('people, text, watermark')
    .describe('a text of at most 2000 characters (what the scene shall not show)'),
  steps: whole(1, 100).default(20).describe('a whole number from 1 to 100 (of a generator)'),
  guidance_scale: number(1, 20).default(7.5).describe('a number from 1 to 20 (of a generator)'),
  seed: optional(whole(0, 0xffffffff)).describe(
    'a whole number from 0 to 4294967295 (the same one draws the same scene)',
  ),
  enhance_fg: flag.default(true).describe('true or false (local contrast of the product)'),
  match_colors: flag.default(true).describe("true or false (a touch of the scene's light on the product)"),
  feather_edges: flag.default(true).describe('true or false (soften hard edges by about a pixel)'),
  preset: presetList
    .optional()
    .describe(`the name of a preset, or up to ${MAX_PRESETS} with commas between them, a picture for each`),
  overrides: z
    .preprocess(readObject, lookSchema.optional())
    .optional()
    .describe('an object, or its JSON, with fields of a preset that are to be different'),
  engine: bgEngine.default('auto').describe(oneOf(BG_ENGINES)),
  generator_model: optional(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)).describe(
    'the id of a model of the generator, such as gen4_image (default: what the engine is set to)',
  ),
  bgcolor: optional(color).describe('a colour such as #f4f1ec (the first one of the backdrop)'),
  marketplace: optional(z.string().regex(/^[a-z0-9-]{1,40}$/)).describe(
    'the name of a marketplace, whose rules for a main picture are kept',
  ),
  exact: flag
    .default(false)
    .describe('true or false (every opaque pixel of the product stays as it is, which the result proves)'),
  keep_position: flag
    .default(false)
    .describe('true or false (leave the product where it is in its photo, at its size)'),
  draw_around: flag
    .default(false)
    .describe('true or false (the scene is drawn around the product, not empty; by the generator sdxl)'),
  tries: whole(1, 8)
    .default(3)
    .describe(
      "a whole number from 1 to 8 (of draw_around: seeds of which the product's shape is kept best in one)",
    ),
  width: optional(whole(...SIDE)).describe(`a whole number from ${SIDE[0]} to ${SIDE[1]} (pixels)`),
  height: optional(whole(...SIDE)).describe(`a whole number from ${SIDE[0]} to ${SIDE[1]} (pixels)`),
  ...{ model, device, strict_device, if_unsure },
  format: optional(z.enum(OUTPUT_FORMATS)).describe(oneOf(OUTPUT_FORMATS)),
  quality: optional(whole(1, 100)).describe('a whole number from 1 to 100'),
  mask_out: flag.default(false).describe('true or false (answer with the mask of the photo as well)'),
  compare: flag.default(false).describe('true or false (answer with before and after side by side as well)'),
});

export type ReplaceParams = z.output<typeof replaceParams>;
export type ReplaceParamsInput = z.input<typeof replaceParams>;

/** The pictures' names among the artifacts: `output`, `output_2` …, and with `compare` the same for those. */
type Numbered<Name extends string> = Name | `${Name}_${number}`;
export type ReplaceOutput = Numbered<'output'>;
export type ReplaceComparison = Numbered<'compare'>;
export type ReplaceArtifact = ReplaceOutput | ReplaceComparison | 'mask';

/** The name of the picture of the preset at `index`, from 0. */
export function numbered<Name extends string>(name: Name, index: number): Numbered<Name> {
  return index === 0 ? name : `${name}_${index + 1}`;
}

/** One of the pictures of a replacement. */
export interface ReplacedPicture {
  /** Which artifact it is. */
  artifact: ReplaceOutput;
  /** The one before and after side by side; only when asked for. */
  compare?: ReplaceComparison;
  /** Null where a picture or a colour was given in its place. */
  preset: string | null;
  /** What really made the backdrop. */
  engine: SceneEngine;
  /** Of a scene that was generated, the one that it came from in the end. */
  seed: number;
  /** Only of a scene that was generated. */
  generated?: SceneView;
  /** Pixels. */
  width: number;
  height: number;
  /** The product in this picture; it may begin outside of the frame where it did so in the photo. */
  placed: BoundingBox;
  /** What the product's size in the photo was multiplied by. */
  scale: number;
  /** The product's mean change of colour, CIEDE2000. */
  color_shift: number;
  /** Only where there is nothing behind product and shadow. */
  transparent?: true;
  /** Only with `exact`: the opaque pixels, counted and hashed row by row in the photo and in the finished file. */
  exact?: { pixels: number; source_sha256: string; output_sha256: string };
  /** Only on pure white: what the finished file shows when it is decoded again. */
  white?: { border: boolean; share: number };
  /** Shares of the frame: what the product fills of the side that it fills more of, and of all pixels. Only main pictures of marketplaces. */
  fill?: { side: number; area: number };
  /** Things the reader should know of this picture. */
  warnings: string[];
}

/**
 * The answer of a replacement. In the API `artifacts` are URLs, on the terminal paths. The model is `mask` where a mask
 * was given; warnings of the pictures have their presets' names before them.
 */
export interface ReplaceResult extends CutResult {
  /** What really made the first picture's backdrop. */
  engine: SceneEngine;
  /** The first picture's; null where a picture or a colour was given in its place. */
  preset: string | null;
  seed: number;
  artifacts: { output: string } & Partial<Record<ReplaceArtifact, string>>;
  /** One for each preset, in their order. */
  pictures: ReplacedPicture[];
  /** What all scenes of this job cost, those that were thrown away too; only where a service says it. */
  cost?: SceneCost;
}
