import sharp from 'sharp';
import type { RgbImage } from '../contracts';
import { fitSide } from './resize';

const QUALITY = 68;

/**
 * A picture that is small enough to stand inside of a page.
 * @param side pixels of the longer side; a picture that is smaller stays as it is
 * @returns a WebP file
 */
export async function thumbnail(image: RgbImage, side: number): Promise<Buffer> {
  const { width, height, data } = image;
  const fitted = fitSide(image, Math.min(side, Math.max(width, height)));
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .resize(fitted.width, fitted.height, { fit: 'fill' })
    .webp({ quality: QUALITY, effort: 4 })
    .toBuffer();
}
