import { z } from 'zod/v4';
import { flag, oneOf, optional, whole } from './fields';
import { OUTPUT_FORMATS } from './formats';
import type { PictureDone, Target } from './pictures';
import { bucketName } from './product-row';
import { type Device, removeParams } from './remove';
import { invalid } from './validate';

/** In which forms boxes and outlines are written for those who train networks. */
export const LABELS = ['none', 'coco', 'yolo', 'both'] as const;
/** The sides of a split, in the order of its shares. */
export const SPLIT_SIDES = ['train', 'val', 'test'] as const;
export type SplitSide = (typeof SPLIT_SIDES)[number];

/** Pictures of one class and target at most. */
export const MAX_TARGET = 100_000;

/** Pictures that may be sent with a job, and that it answers with, at most. */
export const MAX_SENT = 5000;

const { model, device, strict_device } = removeParams.shape;
const id = z.union([z.string().trim().min(1).max(200), z.int()]);
const blankOr = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional()).optional();
const text = (max: number) => blankOr(z.string().trim().min(1).max(max));

/** Folders in a bucket, from its root. */
const place = blankOr(
  z
    .string()
    .trim()
    .max(500)
    .regex(/^(?!.*(^|\/)\.{0,2}(\/|$))/),
);

/** A text with commas in it, or a list. */
const listOf = <T extends z.ZodType>(schema: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value),
    schema,
  );
const pipelines = (usual: string) =>
  listOf(
    z
      .array(z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/))
      .min(1)
      .max(16),
  )
    .prefault(usual)
    .describe(`names of pipelines with commas between them, taken in turn (default: ${usual})`);

/** Shares of train, val and, where there is a third, test. */
const split = blankOr(
  z.preprocess(
    (value) =>
      typeof value === 'string' ? value.split(',').map((part) => Number(part.trim() || NaN)) : value,
    z
      .array(z.number().min(0).max(1))
      .min(2)
      .max(3)
      .refine((shares) => Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-3)
      .refine(([train]) => train > 0),
  ),
);

/** Everything that a data set's augmentation can be asked for. The first five names and defaults are the seed service's. */
export const augmentParams = z.strictObject({
  dataset_id: text(200).describe(
    'a text of at most 200 characters (a data set in Supabase; names its folder in the bucket)',
  ),
  dataset_path: text(4000).describe(
    'the full path of a folder on the machine of the engine, with a folder for each UPC in it',
  ),
  syn_target: whole(0, MAX_TARGET)
    .default(600)
    .describe(`a whole number from 0 to ${MAX_TARGET} (synthetic pictures of each UPC, originals counted)`),
  real_target: whole(0, MAX_TARGET)
    .default(400)
    .describe(`a whole number from 0 to ${MAX_TARGET} (real pictures of each UPC, originals counted)`),
  backgrounds_path: text(4000).describe(
    'the full path of a folder of pictures on the machine of the engine (default: backgrounds are drawn)',
  ),
  seed: whole(0, Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe('a whole number from 0 to 2^53 - 1 (the same seed gives the same pictures)'),
  ...{ model, device, strict_device },
  syn_pipeline: pipelines('light,heavy'),
  real_pipeline: pipelines('real'),
  size: optional(whole(16, 8192)).describe(
    "a whole number from 16 to 8192 (pixels of the longer side; default: the source's)",
  ),
  format: z.enum(OUTPUT_FORMATS).default('jpeg').describe(oneOf(OUTPUT_FORMATS)),
  quality: whole(1, 100).default(90).describe('a whole number from 1 to 100 (of jpeg and webp)'),
  distractors: flag.default(true).describe('true or false (other products may stand beside this one)'),
  occluders: flag
    .default(true)
    .describe('true or false (a part of the product may be hidden; how much is bounded)'),
  include_unsure: flag
    .default(false)
    .describe('true or false (compose with cutouts too that a person should look at)'),
  masks: flag.default(false).describe('true or false (write a mask of each picture that has one)'),
  labels: z
    .enum(LABELS)
    .default('none')
    .describe(`${oneOf(LABELS)} (files with boxes and outlines of the products)`),
  split: split.describe(
    'two or three shares that make 1, such as 0.8,0.1,0.1 (train, val and test; only train is augmented)',
  ),
  report: flag.default(true).describe('true or false (write a report for people as well)'),
  workers: optional(whole(1, 256)).describe(
    'a whole number from 1 to 256 (pictures made at a time; default: one for each core)',
  ),
  job_id: blankOr(id).describe(
    'a text of at most 200 characters or a whole number (with it the job tells CALLBACK_URL its state)',
  ),
  supabase_url: optional(z.string().trim().max(2000)).describe('the address of a Supabase project'),
  bucket: bucketName('datasets'),
  prefix: place.describe('folders in the bucket, from its root, such as shop/shelf (default: dataset_id)'),
});

export type AugmentParams = z.output<typeof augmentParams>;
export type AugmentParamsInput = z.input<typeof augmentParams>;

/**
 * Where a data set is, which its parameters say in one of two ways, or pictures that came with them.
 * @param sent whether there are some
 * @throws VitrineError INVALID_PARAMETER where nothing says it, or more than one
 */
export function datasetOf(
  { dataset_id: datasetId, dataset_path: path }: AugmentParams,
  sent = false,
): 'supabase' | 'folder' | 'sent' {
  const hint =
    'Name a folder on the machine of the engine in dataset_path, or a data set in Supabase in dataset_id, or send pictures; one of them.';
  const other = sent ? 'sent pictures' : 'dataset_id';
  if (path !== undefined && (sent || datasetId !== undefined))
    throw invalid('dataset_path', `left out with ${other}`, path, hint);
  if (sent && datasetId !== undefined) throw invalid('dataset_id', `left out with ${other}`, datasetId, hint);
  if (sent) return 'sent';
  if (datasetId === undefined && path === undefined)
    throw invalid('dataset_id or dataset_path', 'given', undefined, hint);
  return path === undefined ? 'supabase' : 'folder';
}

/** A way to vary pictures, as it is offered. */
export interface PipelineSummary {
  name: string;
  /** One sentence. */
  description: string;
  /** Changes whenever other pictures would come of it. */
  digest: string;
}

/** A picture of the data set that was left out, below the data set and with slashes, and why. */
export interface LeftOut {
  file: string;
  reason: string;
}

/** How one target of a class was filled. */
export interface FilledTarget {
  /** Pictures that there shall be. */
  target: number;
  /** Pictures that were there before: `originals` of them are not ours. */
  existing: number;
  originals: number;
  /** Pictures that this run has made, and by which pipelines. */
  produced: number;
  pipelines: Record<string, number>;
  /** Pictures that are still missing; `warnings` say why. */
  missing: number;
}

/** What became of one class. */
export interface AugmentItem extends Record<Target, FilledTarget> {
  upc: string;
  /** Different pictures that others can be made of. */
  sources: number;
  /** Pictures that cannot be read: broken, empty, too large. */
  skipped: LeftOut[];
  /** Pictures with the very bytes of another, `of`, of this class or another. They count, and are no source. */
  duplicates: { file: string; of: string }[];
  /** Sources whose cutout a person should look at; without `include_unsure` nothing is composed of them. */
  unsure: (LeftOut & { confidence: number; used: boolean })[];
  /** Sources with a uniform border or black bars, and what was done to them. */
  borders: { file: string; action: string }[];
  /** Pictures that could not be made, each for itself. */
  failed: LeftOut[];
  warnings: string[];
}

/** Pictures that are answered with: `picture_0001` and so on, in the order of classes, targets and numbers. */
export type PictureArtifact = `picture_${number}`;
export type AugmentArtifact = 'report' | PictureArtifact;

/** A picture that is answered with, where the data set was sent. */
export interface AugmentedPicture extends Pick<
  PictureDone,
  'width' | 'height' | 'boxes' | 'visible' | 'area' | 'background'
> {
  artifact: PictureArtifact;
  upc: string;
  target: Target;
  /** Below the data set, with slashes; what it was made of as well. */
  file: string;
  source: string;
  /** Which of the pictures that were sent that is, from 0. */
  sent: number;
  pipeline: string;
}

/** Sums over all classes. */
export interface AugmentTotals extends Record<Target, Omit<FilledTarget, 'pipelines'>> {
  classes: number;
  sources: number;
  skipped: number;
  duplicates: number;
  unsure: number;
  failed: number;
}

/** The answer of an augmentation. The first fields are the seed service's. In the API `artifacts` are URLs, elsewhere paths. */
export interface AugmentResult {
  status: 'success';
  type: 'augmentation';
  dataset_id: string | null;
  /** Pictures that this run has made, of all classes. */
  syn_produced: number;
  real_produced: number;
  report: { totals: AugmentTotals; items: AugmentItem[] };
  /** On the machine that did the work; null where the data set lies in Supabase. */
  dataset_path: string | null;
  /** The folder beside the data set with records, masks, labels and reports. */
  augmentation_path: string | null;
  /** What went to and fro. */
  supabase: { bucket: string; prefix: string; downloaded: number; uploaded: number } | null;
  seed: number;
  /** What differs from the run before, in whole sentences. */
  changes: string[];
  /** Originals of each side; null without a split. */
  split: Record<SplitSide, number> | null;
  /** What really cut sources out, and where; null where nothing was cut. */
  model: string | null;
  device: Exclude<Device, 'auto'> | null;
  workers: number;
  warnings: string[];
  /** Milliseconds, wall-clock. */
  metrics: {
    elapsed_ms: number;
    scan_ms: number;
    cut_ms: number;
    make_ms: number;
    /** Of `make_ms`, for the pictures that were made. */
    pictures_per_second: number;
  };
  /** Only of a data set that was sent; those of any other are where it lies. */
  pictures?: AugmentedPicture[];
  artifacts: Partial<Record<AugmentArtifact, string>>;
}
