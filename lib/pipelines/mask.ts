import { type Alpha, type BoundingBox, type RemoveParams, type RgbImage, VitrineError } from '../contracts';
import { boundingBox, coverage, feather } from '../image';
import { alphaMatting, type Cutout, repairMask, shapeMask } from '../matting';

/** What brings a matte that needs no cleaning: the built-in cutter, pictures cut out already, and masks that came along. */
const CLEAN_ALREADY = ['plain', 'none', 'mask'];

export type MaskParams = Pick<
  RemoveParams,
  | 'clean_mask'
  | 'fill_holes'
  | 'drop_islands'
  | 'smooth'
  | 'grow'
  | 'feather'
  | 'alpha_matting'
  | 'alpha_matting_foreground_threshold'
  | 'alpha_matting_background_threshold'
  | 'alpha_matting_erode_size'
>;

export interface RefinedMask {
  /** Of the photo's size. */
  alpha: Alpha;
  /** Of the mask before it is feathered. */
  bbox: BoundingBox;
  /** Of the mask before it is feathered, as a share of the photo, 0..1. */
  coverage: number;
  /** What the reader should know. */
  warnings: string[];
}

/**
 * From the bare cut to the matte: repaired, its soft edge found anew, shaped, feathered, as far as was asked.
 * @throws VitrineError NO_SUBJECT when nothing is left of the mask, CANCELLED
 */
export async function refineMask(
  photo: RgbImage,
  cutout: Pick<Cutout, 'alpha' | 'model'>,
  params: MaskParams,
  signal: AbortSignal,
): Promise<RefinedMask> {
  const clean_mask = params.clean_mask && !CLEAN_ALREADY.includes(cutout.model);
  const repaired = repairMask(cutout.alpha, { ...params, clean_mask }, signal);
  const { alpha: matte, warnings } = await matteOf(photo, repaired, params, signal);
  const shaped = shapeMask(matte, params, signal);
  const bbox = boundingBox(shaped);
  if (!bbox) throw noSubject(cutout.model);
  const alpha = params.feather > 0 ? feather(shaped, params.feather) : shaped;
  return { alpha, bbox, coverage: coverage(shaped), warnings };
}

async function matteOf(
  photo: RgbImage,
  cut: Alpha,
  params: MaskParams,
  signal: AbortSignal,
): Promise<{ alpha: Alpha; warnings: string[] }> {
  if (!params.alpha_matting) return { alpha: cut, warnings: [] };
  return alphaMatting(photo, cut, {
    foregroundThreshold: params.alpha_matting_foreground_threshold,
    backgroundThreshold: params.alpha_matting_background_threshold,
    erodeSize: params.alpha_matting_erode_size,
    signal,
  });
}

function noSubject(model: string): VitrineError {
  if (model === 'mask') {
    return new VitrineError({
      code: 'NO_SUBJECT',
      message: 'The mask that came with this picture is empty',
      hint: 'A mask is white, or opaque, where the product is: send another one, or leave it out to have the product cut here.',
    });
  }
  return new VitrineError({
    code: 'NO_SUBJECT',
    message: 'No product was found in this picture: the mask came out empty',
    hint: 'Check that the picture shows a product, or choose another model.',
  });
}
