import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import type { ImageLimits } from '../contracts';
import { keepMetadata, textOrientation } from './metadata';
import { applyTurn, exifTurn } from './orient';
import { checkSize, decodeFailure, failure } from './problems';
import { separate } from './separate';
import type { DecodedImage } from './types';

/**
 * Decodes what libvips reads by itself: upright, first page, 8-bit sRGB.
 * @param failOn what libvips must say before a picture is refused
 * @throws VitrineError TOO_LARGE, UNSUPPORTED_FORMAT, INVALID_IMAGE, DEADLINE_EXCEEDED
 */
export async function decodeSharp(
  input: string | Buffer,
  kind: string,
  limits: ImageLimits,
  failOn: 'error' | 'warning' = 'error',
): Promise<DecodedImage> {
  const settings: SharpOptions = { failOn, pages: 1, limitInputPixels: false };
  try {
    const header = await sharp(input, settings).metadata();
    checkSize(header.width, header.height, limits);
    checkDepth(header.depth);
    const pipeline = sharp(input, { ...settings, limitInputPixels: limits.maxPixels });
    const { data, info } = await toSrgb(upright(pipeline, header), header)
      .timeout({ seconds: limits.timeoutSeconds })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return {
      ...separate(data, info.width, info.height, info.channels),
      format: kind,
      metadata: keepMetadata(header),
    };
  } catch (error) {
    throw decodeFailure(error, kind, limits);
  }
}

/** Scientific sample types have no agreed black and white; a guess would be a wrong picture. */
function checkDepth(depth: string): void {
  if (!['int', 'uint', 'char', 'double', 'complex', 'dpcomplex'].includes(depth)) return;
  throw failure(
    'UNSUPPORTED_FORMAT',
    `The picture has samples of type ${depth}, whose black and white are not defined`,
    'Export it with 8 or 16 bits for each channel.',
  );
}

/** sharp follows the profile by itself, but leaves 16-bit colour in Display P3 unless it is told the profile. */
function toSrgb(pipeline: Sharp, { space, icc }: Metadata): Sharp {
  const converted = pipeline.toColourspace('srgb');
  return space === 'rgb16' && icc ? converted.withIccProfile('srgb') : converted;
}

/** Applies the EXIF orientation, also the one that ImageMagick hides in PNG text. */
function upright(pipeline: Sharp, header: Metadata): Sharp {
  const hidden = header.orientation ? undefined : textOrientation(header.comments);
  return hidden ? applyTurn(pipeline, exifTurn(hidden)) : pipeline.autoOrient();
}
