import type { Alpha, BoundingBox, RemoveParams, RgbImage } from '../contracts';
import { cropTo, placeOnSquare } from '../image';

interface Layers {
  image: RgbImage;
  alpha: Alpha;
}

/** Crops to the product, or centres it on a square, as far as was asked. */
export async function frame(
  layers: Layers,
  bbox: BoundingBox,
  { crop, size, padding }: Pick<RemoveParams, 'crop' | 'size' | 'padding'>,
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
