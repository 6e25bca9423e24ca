import {
  type Alpha,
  type BoundingBox,
  type RemoveParams,
  type RgbImage,
  VitrineError,
  throwIfAborted,
} from '../contracts';
import {
  boundingBox,
  coverage,
  cropTo,
  denoise,
  enhance,
  feather,
  flatten,
  parseColor,
  placeOnSquare,
  softenBackdrop,
} from '../image';
import {
  alphaMatting,
  type Cutout,
  decontaminate,
  multiLevelForeground,
  repairMask,
  shapeMask,
} from '../matting';

/** What brings a matte that needs no cleaning: the built-in cutter, and pictures that were cut out already. */
const CLEAN_ALREADY = ['plain', 'none'];

interface Layers {
  image: RgbImage;
  alpha: Alpha;
}

interface Refined extends Layers {
  /** Of the refined mask, in the photo. */
  bbox: BoundingBox;
  /** Of the refined mask, as a share of the photo. */
  coverage: number;
  /** What the reader should know. */
  warnings: string[];
}

/**
 * From the bare cut to what is encoded, in the seed's order: mask, backdrop, contrast, noise; then the frame.
 * @throws VitrineError NO_SUBJECT when nothing is left of the mask, CANCELLED
 */
export async function refine(
  photo: RgbImage,
  cutout: Cutout,
  params: RemoveParams,
  signal: AbortSignal,
): Promise<Refined> {
  const clean_mask = params.clean_mask && !CLEAN_ALREADY.includes(cutout.model);
  const repaired = repairMask(cutout.alpha, { ...params, clean_mask }, signal);
  const { alpha: matte, warnings } = await matteOf(photo, repaired, params, signal);
  const shaped = shapeMask(matte, params, signal);
  const bbox = boundingBox(shaped);
  if (!bbox) throw noSubject();
  const alpha = params.feather > 0 ? feather(shaped, params.feather) : shaped;
  let image = photo;
  if (params.mode !== 'mask') {
    const hidesBackdrop = params.mode !== 'soften';
    if (hidesBackdrop) image = cleanEdges(image, alpha, params, signal);
    throwIfAborted(signal);
    // Whatever is not the photo any more was made here, and is changed in its place.
    if (params.enhance_fg) image = enhance(image, alpha, image === photo ? undefined : image.data);
    throwIfAborted(signal);
    if (params.denoise) image = denoise(image);
    throwIfAborted(signal);
    if (params.mode === 'soften') image = softenBackdrop(image, alpha);
  }
  const framed = await frame({ image, alpha }, bbox, params);
  if (params.mode === 'color') {
    framed.image = flatten(framed.image, framed.alpha, parseColor(params.bgcolor));
  }
  return { ...framed, bbox, coverage: coverage(shaped), warnings };
}

async function matteOf(
  photo: RgbImage,
  cut: Alpha,
  params: RemoveParams,
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

function cleanEdges(image: RgbImage, alpha: Alpha, params: RemoveParams, signal: AbortSignal): RgbImage {
  if (params.decontaminate === 'off') return image;
  const clean = params.decontaminate === 'multi-level' ? multiLevelForeground : decontaminate;
  return clean(image, alpha, { signal });
}

async function frame(
  layers: Layers,
  bbox: BoundingBox,
  { crop, size, padding }: RemoveParams,
): Promise<Layers> {
  if (size !== undefined) return placeOnSquare(layers.image, layers.alpha, { size, box: bbox, padding });
  if (!crop) return layers;
  const box = pad(bbox, padding, layers.image);
  return { image: cropTo(layers.image, box), alpha: cropTo(layers.alpha, box) };
}

/** Grows a box by `padding` per cent of its longer side, within the photo. */
function pad([x, y, w, h]: BoundingBox, padding: number, { width, height }: RgbImage): BoundingBox {
  const margin = Math.round((Math.max(w, h) * padding) / 100);
  const left = Math.max(0, x - margin);
  const top = Math.max(0, y - margin);
  return [left, top, Math.min(width, x + w + margin) - left, Math.min(height, y + h + margin) - top];
}

function noSubject(): VitrineError {
  return new VitrineError({
    code: 'NO_SUBJECT',
    message: 'No product was found in this picture: the mask came out empty',
    hint: 'Check that the picture shows a product, or choose another model.',
  });
}
