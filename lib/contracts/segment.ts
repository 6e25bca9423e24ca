import { z } from 'zod/v4';
import { color, flag, number, oneOf, optional, readObject, whole } from './fields';
import { type OutputFormat, OUTPUT_FORMATS } from './formats';
import type { BoundingBox } from './pixels';
import type { ProductMetadata } from './product-metadata';
import { bucketName, productRow } from './product-row';
import { type Device, type Metrics, removeParams } from './remove';

/** What stands behind the product in the frames. */
export const FRAME_BACKGROUNDS = ['transparent', 'color', 'original'] as const;
/** What a product's size in the frames follows: its size in each frame, or one scale for the whole clip. */
export const FRAME_SCALES = ['frame', 'clip'] as const;
export const PREVIEWS = ['none', 'webm', 'webp', 'gif'] as const;
/** Whether something is done that needs a key: `auto` where there is one. */
export const WITH_A_KEY = ['auto', 'on', 'off'] as const;

/** Frames of one clip at most. */
export const MAX_FRAMES = 5000;

const { model, device, strict_device, quality } = removeParams.shape;

const id = z.union([z.string().trim().min(1).max(200), z.int()]);
const blankOr = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional()).optional();

/** Numbers with commas between them, or a list of them. */
const numbers = <T extends z.ZodType>(schema: T) =>
  blankOr(
    z.preprocess(
      (value) =>
        typeof value === 'string' ? value.split(',').map((part) => Number(part.trim() || NaN)) : value,
      schema,
    ),
  );
const place = z.number().min(0);
const side = z.number().positive();

/** Everything that a video's segmentation can be asked for. The first four names are the seed service's. */
export const segmentParams = z.strictObject({
  barcode: blankOr(z.coerce.string().trim().max(64)).describe('the text or number below the barcode'),
  video_id: blankOr(id).describe('a text of at most 200 characters or a whole number, which comes back'),
  product_id: blankOr(id).describe(
    'a text of at most 200 characters or a whole number (names the folder in Supabase, and the row)',
  ),
  job_id: blankOr(id).describe(
    'a text of at most 200 characters or a whole number (with it the job tells CALLBACK_URL its state)',
  ),
  prompt: optional(z.string().trim().max(200)).describe(
    'a text of at most 200 characters (which object is meant, such as bottle; needs grounding-dino-tiny or Gemini)',
  ),
  box: numbers(z.tuple([place, place, side, side])).describe(
    'x, y, width, height in pixels of the video (where the object is in prompt_frame)',
  ),
  point: numbers(z.tuple([place, place])).describe(
    'x, y in pixels of the video (a place on the object in prompt_frame)',
  ),
  prompt_frame: whole(0, 1_000_000)
    .default(0)
    .describe('a whole number from 0 (the frame of the video that box or point is meant for)'),
  max_frames: whole(1, MAX_FRAMES)
    .default(500)
    .describe(`a whole number from 1 to ${MAX_FRAMES} (more frames are thinned out evenly)`),
  fps: optional(number(0.01, 1000)).describe('a number from 0.01 to 1000 (frames a second that are taken)'),
  stride: optional(whole(1, 100_000)).describe('a whole number from 1 (every how manieth frame is taken)'),
  size: whole(16, 4096)
    .default(518)
    .describe('a whole number from 16 to 4096 (pixels of a side of the frames; 518 suits DINOv2)'),
  padding: number(0, 100)
    .default(5)
    .describe("a number from 0 to 100 (free room on each side, in per cent of the product's longer side)"),
  scale: z.enum(FRAME_SCALES).default('frame').describe(oneOf(FRAME_SCALES)),
  background: z.enum(FRAME_BACKGROUNDS).default('transparent').describe(oneOf(FRAME_BACKGROUNDS)),
  bgcolor: color.default('#ffffff').describe('a colour such as #fff or #f4f1ec (of the background color)'),
  format: z.enum(OUTPUT_FORMATS).default('png').describe(oneOf(OUTPUT_FORMATS)),
  quality,
  ...{ model, device, strict_device },
  drop_empty: flag.default(true).describe('true or false (leave out frames that do not show the product)'),
  drop_blurred: flag.default(false).describe('true or false (leave out frames that are far from sharp)'),
  drop_duplicates: flag
    .default(false)
    .describe('true or false (leave out frames that show what the one before shows)'),
  sheet: flag.default(true).describe('true or false (answer with a contact sheet as well)'),
  preview: z
    .enum(PREVIEWS)
    .default('none')
    .describe(`${oneOf(PREVIEWS)} (a moving picture of the frames)`),
  zip: flag.default(false).describe('true or false (answer with all frames in one ZIP file as well)'),
  metadata: z
    .enum(WITH_A_KEY)
    .default('auto')
    .describe(
      `${oneOf(WITH_A_KEY)} (have Gemini read what stands on the product; auto: where there is a key)`,
    ),
  supabase: z
    .enum(WITH_A_KEY)
    .default('auto')
    .describe(
      `${oneOf(WITH_A_KEY)} (deliver to Supabase; auto: where there are a key, an address and a product_id)`,
    ),
  supabase_url: optional(z.string().trim().max(2000)).describe('the address of a Supabase project'),
  bucket: bucketName('frames'),
  row: z
    .preprocess(readObject, productRow.optional())
    .optional()
    .describe('an object, or its JSON: table, id and the columns that are written of the product'),
});

export type SegmentParams = z.output<typeof segmentParams>;
export type SegmentParamsInput = z.input<typeof segmentParams>;

/** Frames are `frame_0001` and so on, in the order of the video. */
export type FrameArtifact = `frame_${number}`;
export type SegmentArtifact = FrameArtifact | 'sheet' | 'preview' | 'zip';

/** The name of the frame at `index`, from 0. */
export function frameName(index: number): FrameArtifact {
  return `frame_${String(index + 1).padStart(4, '0')}` as FrameArtifact;
}

/** One of the frames that were made. */
export interface SegmentedFrame {
  artifact: FrameArtifact;
  /** Which frame of the video it is, from 0, and when it is shown. */
  index: number;
  seconds: number;
  /** The product in the video's frame, pixels. */
  bbox: BoundingBox;
  /** What the product's size in the video was multiplied by. */
  scale: number;
  /** How sure the cut is, 0..1. */
  confidence: number;
  /** A person should look at it. */
  unsure: boolean;
  /** How sharp the product is, against the sharpest frame of the clip, 0..1. */
  sharpness: number;
}

/** What the worker makes of a video. In the API `artifacts` are URLs, elsewhere paths. */
export interface SegmentedClip {
  frame_count: number;
  /** Which frame stands for the product: sharp, well centred, near the middle of the clip. */
  primary: FrameArtifact;
  frames: SegmentedFrame[];
  /** Frames of the video that were looked at and left out, and why. */
  dropped: { empty: number; blurred: number; duplicate: number };
  unsure_frames: number;
  video: {
    /** Pixels, upright. */
    width: number;
    height: number;
    /** Of the whole video, as far as they are known. */
    frames?: number;
    seconds?: number;
    fps?: number;
    decoder: string;
  };
  /** What followed the product from frame to frame. */
  tracker: 'cutouts' | 'memory';
  /** The model that really cut, or tracked. */
  model: string;
  device: Exclude<Device, 'auto'>;
  format: OutputFormat;
  width: number;
  height: number;
  warnings: string[];
  metrics: Metrics;
  artifacts: Partial<Record<SegmentArtifact, string>>;
}

/** The answer of a video job. The first fields are the seed service's. */
export interface SegmentResult extends SegmentedClip {
  status: 'success';
  barcode: string | null;
  video_id: string | number | null;
  product_id: string | number | null;
  /** Null where nobody was asked for it. */
  metadata: ProductMetadata | null;
  /** Where the frames lie in Supabase, with a slash at the end; null where they were not delivered there. */
  frames_url: string | null;
  primary_image_url: string | null;
}
