import { type Alpha, type RemoveParams, type RgbImage, throwIfAborted } from '../contracts';
import { denoise, enhance } from '../image';
import { decontaminate, multiLevelForeground } from '../matting';

export type ColorParams = Pick<RemoveParams, 'decontaminate' | 'enhance_fg' | 'denoise'>;

/** A colour layer that is the photo itself. */
export const UNTOUCHED: ColorParams = { decontaminate: 'off', enhance_fg: false, denoise: false };

/**
 * The product's own colours, in the seed's order: edges without the old backdrop, contrast, noise.
 * @returns the photo itself where nothing was asked for
 * @throws VitrineError CANCELLED
 */
export function refineColors(
  photo: RgbImage,
  alpha: Alpha,
  params: ColorParams,
  signal: AbortSignal,
): RgbImage {
  let image = photo;
  if (params.decontaminate !== 'off') {
    const clean = params.decontaminate === 'multi-level' ? multiLevelForeground : decontaminate;
    image = clean(image, alpha, { signal });
  }
  throwIfAborted(signal);
  // Whatever is not the photo any more was made here, and is changed in its place.
  if (params.enhance_fg) image = enhance(image, alpha, image === photo ? undefined : image.data);
  throwIfAborted(signal);
  return params.denoise ? denoise(image) : image;
}
