import sharp, { type Sharp } from 'sharp';
import { type RgbImage, VitrineError } from '../contracts';

const QUALITY = 68;
/** Behind what is transparent. */
const GROUND = '#e4e4e4';

/**
 * A picture that is small enough to stand inside of a page.
 * @param picture decoded; or an opaque JPEG, PNG or WebP file that `encodeImage` wrote, which is read at a smaller size
 *   from the start
 * @param side pixels of the longer side; a picture that is smaller stays as it is
 * @returns a WebP file
 * @throws VitrineError where the file cannot be read
 */
export async function thumbnail(picture: RgbImage | string, side: number): Promise<Buffer> {
  try {
    return await open(picture)
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: GROUND })
      .webp({ quality: QUALITY, effort: 4 })
      .toBuffer();
  } catch (error) {
    throw VitrineError.from(error);
  }
}

function open(picture: RgbImage | string): Sharp {
  if (typeof picture === 'string') return sharp(picture, { pages: 1 });
  const { data, width, height } = picture;
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}
