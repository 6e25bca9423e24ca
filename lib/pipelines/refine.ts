import { type Alpha, type BoundingBox, type RemoveParams, type RgbImage, throwIfAborted } from '../contracts';
import {
  cropTo,
  denoise,
  enhance,
  feather,
  flatten,
  parseColor,
  placeOnSquare,
  softenBackdrop,
} from '../image';
import { decontaminate } from '../matting';

interface Layers {
  image: RgbImage;
  alpha: Alpha;
}

/** From the bare cut to what is encoded, in the seed's order: mask, backdrop, contrast, noise; then the frame. */
export async function refine(
  photo: RgbImage,
  cut: Alpha,
  bbox: BoundingBox,
  params: RemoveParams,
  signal: AbortSignal,
): Promise<Layers> {
  const alpha = params.feather > 0 ? feather(cut, params.feather) : cut;
  let image = photo;
  if (params.mode !== 'mask') {
    const hidesBackdrop = params.mode !== 'soften';
    if (hidesBackdrop && params.decontaminate) image = decontaminate(image, alpha, { signal });
    throwIfAborted(signal);
    if (params.enhance_fg) image = enhance(image, alpha);
    throwIfAborted(signal);
    if (params.denoise) image = denoise(image);
    throwIfAborted(signal);
    if (params.mode === 'soften') image = softenBackdrop(image, alpha);
  }
  const framed = await frame({ image, alpha }, bbox, params);
  return params.mode === 'color'
    ? { ...framed, image: flatten(framed.image, framed.alpha, parseColor(params.bgcolor)) }
    : framed;
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
