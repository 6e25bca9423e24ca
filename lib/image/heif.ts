import type { ImageLimits } from '../contracts';
import { decodeSharp } from './decode-sharp';
import { codedSpace, iccProfile } from './icc';
import { HeifFile } from './libheif';
import { keepMetadata } from './metadata';
import { checkSize, failure } from './problems';
import { applyProfile } from './profile';
import { separate } from './separate';
import type { DecodedImage } from './types';

/**
 * Decodes a HEIF picture: AVIF by libvips whatever its brand says, HEVC (HEIC, as phones write it) by libheif. It is
 * upright as its container says; the EXIF orientation, which only repeats that, is not followed.
 * @throws VitrineError TOO_LARGE, UNSUPPORTED_FORMAT, INVALID_IMAGE, DEADLINE_EXCEEDED
 */
export async function decodeHeif(bytes: Buffer, limits: ImageLimits): Promise<DecodedImage> {
  const file = new HeifFile(bytes);
  try {
    checkSize(file.width, file.height, limits);
    const { icc, color } = file;
    const space = color && codedSpace(color);
    const profile = icc ?? (space && iccProfile(space));
    const decoded = await decodeCoded(file, bytes, limits);
    // libvips follows an ICC profile by itself, and does not know of other descriptions.
    if (!profile || (icc && decoded.format === 'avif')) return decoded;
    return { ...decoded, rgb: await applyProfile(decoded.rgb, profile, limits) };
  } finally {
    file.release();
  }
}

async function decodeCoded(file: HeifFile, bytes: Buffer, limits: ImageLimits): Promise<DecodedImage> {
  const { codec } = file;
  if (codec === 'av01') {
    bytes.write('avif', 8, 'latin1');
    return decodeSharp(bytes, 'avif', limits);
  }
  if (codec === 'hvc1') {
    const { data, width, height, channels } = file.decode();
    const metadata = keepMetadata({ exif: file.exif, xmp: file.xmp });
    return { ...separate(data, width, height, channels), format: 'heic', metadata };
  }
  throw failure(
    'UNSUPPORTED_FORMAT',
    `The HEIF picture is coded as ${JSON.stringify(codec)}, which is not known here`,
    'Convert it to JPEG, PNG or WebP first.',
  );
}
