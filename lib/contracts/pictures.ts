import { z } from 'zod/v4';
import type { ErrorBody } from './errors';
import { OUTPUT_FORMATS, type OutputFormat } from './formats';
import type { BoundingBox } from './pixels';
import type { Device } from './remove';

/** Composed of cutouts on backgrounds, or photos of products as they are; the folders are called so, too. */
export const TARGETS = ['syn', 'real'] as const;
export type Target = (typeof TARGETS)[number];

/** How a product's edge meets its background, varied so that no network learns to see where it was pasted. */
export const BLENDS = ['plain', 'hard', 'gaussian', 'feather', 'linear', 'wrap'] as const;
export type Blend = (typeof BLENDS)[number];

/** Share of a product that is seen at least, 0..1, in pictures of a pipeline. */
export function leastVisible(pipeline: string): number {
  return pipeline === 'heavy' ? 0.6 : 0.75;
}

const share = z.number().min(0).max(1);
const pixels = z.int().min(1).max(65_535);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().min(1).max(1000);

const pictureName = z.strictObject({
  /** Below the data set, or the folder of backgrounds, with slashes. */
  name,
  /** Of the file. */
  sha256,
});
/** A picture by its content: where it lies is told apart, so that records hold on other machines. */
export type PictureName = z.output<typeof pictureName>;

/** The sides that a uniform border was found on. */
export const BORDER_SIDES = ['left', 'top', 'right', 'bottom'] as const;
const border = z.strictObject({
  /**
   * `cropped`: bars on opposite sides, as of a film on another screen, were cut off. `resized`: a small product in a wide
   * plain margin was brought nearer, and a part of the margin left around it.
   */
  action: z.enum(['cropped', 'resized']),
  sides: z.array(z.enum(BORDER_SIDES)).min(1),
  /** Of the border, such as #000000. */
  color: z.string(),
  /** The part that is used: x, y, width, height in pixels of the upright picture. */
  keep: z.tuple([z.int().min(0), z.int().min(0), pixels, pixels]),
});
/** What was done to a picture's uniform border. */
export type Border = z.output<typeof border>;

const source = z.strictObject({
  ...pictureName.shape,
  upc: z.string().min(1),
  /** Pixels, upright, with the border. */
  width: pixels,
  height: pixels,
  border: border.nullable(),
  /** The model that cut it out; null where there is no cutout. */
  cut: z.string().nullable(),
});
/** A product's picture that others are made of. */
export type Source = z.output<typeof source>;

/** What a picture is decided from. All of it but `file`, and what there is to compose it of, decides its bytes. */
export interface PictureRequest {
  /** Of the picture, below the data set, with slashes. */
  file: string;
  /** Of the data set, a whole number from 0. */
  seed: number;
  upc: string;
  target: Target;
  /** From 0, within its UPC and target. */
  index: number;
  /** The name of a pipeline. */
  pipeline: string;
  /** A synthetic picture of a source that has a cutout is composed, any other is the photo. */
  source: Source;
  /** The longer side, pixels; left out: the source's. */
  size?: number;
  format: OutputFormat;
  /** 1..100 */
  quality: number;
  /** Whether products of other classes may stand behind this one in synthetic pictures, and before it. */
  distractors: boolean;
  occluders: boolean;
}

const placed = {
  /** Its longer side's share of the room in the frame. */
  scale: share,
  /** Its middle across the frame. */
  x: share,
  /** Where it stands, from the top. */
  baseline: share,
};
const other = z.strictObject({ ...pictureName.shape, upc: z.string(), ...placed });
/** Something else that is in the picture, and is not labelled. */
export type Other = z.output<typeof other>;

const background = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('picture'),
    ...pictureName.shape,
    /** Which part of it: the point that stays in the middle as far as it can, and how much larger it is than it must be. */
    focus: z.tuple([share, share]),
    zoom: z.number().min(1).max(4),
  }),
  z.strictObject({
    kind: z.literal('drawn'),
    backdrop: z.enum(['studio', 'gradient']),
    surface: z.string(),
    colors: z.array(z.string()).min(1).max(3),
    horizon: share,
    seed: z.int().min(0),
  }),
]);
/** What stands behind a product. */
export type Background = z.output<typeof background>;

const composition = z.strictObject({
  background,
  product: z.strictObject(placed),
  /** As of a `Look`. */
  light: z.strictObject({
    azimuth: z.number().min(-180).max(180),
    elevation: z.number().min(10).max(90),
    softness: share,
    shadow: share,
    contact: share,
  }),
  blend: z.strictObject({
    mode: z.enum(BLENDS),
    /** How soft, in thousandths of the frame's longer side. */
    softness: z.number().min(0).max(10),
  }),
  /** How much of the scene's light the product takes on. */
  match: share,
  /** Of the noise that makes the product as noisy as its background. */
  seed: z.int().min(0),
  /** Behind the product, and before it. */
  behind: z.array(other),
  before: z.array(other),
});
/** How a product is put into a scene. */
export type Composition = z.output<typeof composition>;

/** What the pipeline does afterwards; `lib/augmentation` knows its steps. */
const augmentation = z.looseObject({
  pipeline: z.string(),
  digest: z.string(),
  width: pixels,
  height: pixels,
});

export const pictureRecord = z.strictObject({
  version: z.literal(1),
  file: name,
  upc: z.string().min(1),
  target: z.enum(TARGETS),
  index: z.int().min(0),
  /** Of the data set. */
  seed: z.int().min(0),
  /** Drawn again so many times, since too little of the product was to be seen. */
  attempt: z.int().min(0),
  source,
  composition: composition.nullable(),
  augmentation,
  output: z.strictObject({ format: z.enum(OUTPUT_FORMATS), quality: z.int().min(1).max(100) }),
});
/** All that was decided about one picture: plain JSON, from which the same bytes are made again. */
export type PictureRecord = z.output<typeof pictureRecord>;

/** Where pictures lie on this machine, by their SHA-256. */
export interface PictureFiles {
  originals: Record<string, string>;
  /** As the task `cutout` writes them. */
  cutouts: Record<string, string>;
  backgrounds: Record<string, string>;
}

/** One picture to be made: decided now, or as its record says. */
export type PictureOrder = ({ request: PictureRequest } | { record: PictureRecord }) & {
  /** Where it is written, an absolute path; its folder exists. */
  to: string;
  /** Where its mask is written, as PNG, if at all. */
  maskTo?: string;
};

/** What was made, and what labels and report want to know of it. */
export interface PictureDone {
  record: PictureRecord;
  /** Of the written file. */
  bytes: number;
  sha256: string;
  /** Pixels. */
  width: number;
  height: number;
  /** Of the product as far as it is seen: one, or none. Empty where the source has no cutout. */
  boxes: BoundingBox[];
  /** Share of the product that is in the frame and not hidden, 0..1; 1 without a cutout. */
  visible: number;
  /** The mask as COCO's compressed run lengths; undefined without a cutout. */
  rle?: string;
  /** Share of the frame that the product covers, 0..1; 1 without a cutout. */
  area: number;
  /** Mean luma of the product, 0..1, and the share of its pixels that became black or white. */
  brightness: number;
  clipped: number;
  /** Mean CIEDE2000 between the product as it was photographed and as it is. */
  colorShift: number;
  /** 64 bits of dHash of the product's box, hexadecimal: near duplicates differ in few. */
  hash: string;
  /** What is behind it: `photo`, `picture`, or a drawn backdrop such as `studio: wood`. */
  background: string;
}

/** What a source is, seen before anything is made of it. */
export interface SurveyedPicture {
  sha256: string;
  /** Pixels, upright, with the border. */
  width: number;
  height: number;
  border: Border | null;
  /** Of the part that is used, as in `PictureDone`. */
  hash: string;
}

/** A source that was cut out. */
export interface CutoutDone {
  /** The model that really cut, or `none` where the picture was a cutout already. */
  model: string;
  device: Exclude<Device, 'auto'>;
  /** How sure the cut is, 0..1. */
  confidence: number;
  /** A person should look at it. */
  unsure: boolean;
  /** In pixels of the part of the source that is used. */
  bbox: BoundingBox;
  /** Share of that part, 0..1. */
  coverage: number;
  /** Where the product is in the whole upright picture; null where no pixel is mostly the product's. */
  outline: Outline | null;
  warnings: string[];
}

/** Where a product is in a picture. */
export interface Outline {
  /** Pixels. */
  box: BoundingBox;
  /** The mask as COCO's compressed run lengths. */
  rle: string;
}

/** One of many: a bad one fails alone. */
export type Each<Result> = Result | { error: ErrorBody };
