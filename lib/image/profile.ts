import sharp from 'sharp';
import type { ImageLimits, RgbImage } from '../contracts';
import { separate } from './separate';
import { tiff } from './tiff';

/**
 * Brings pixels from the colours of a profile to sRGB. A profile that is broken or of another kind is ignored.
 * @param image interleaved RGB, or grey
 */
export async function applyProfile(
  { data: pixels, width, height }: RgbImage,
  profile: Buffer,
  { timeoutSeconds }: ImageLimits,
): Promise<RgbImage> {
  const { data, info } = await sharp(tiff(pixels, width, height, profile), { limitInputPixels: false })
    .toColourspace('srgb')
    .timeout({ seconds: timeoutSeconds })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return separate(data, info.width, info.height, info.channels).rgb;
}
