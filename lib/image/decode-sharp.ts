import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import type { ImageLimits } from '../contracts';
import { keepMetadata, textOrientation } from './metadata';
import { orient } from './orient';
import { checkSize, decodeFailure, failure } from './problems';
import { applyProfile } from './profile';
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
    const standing = upright(pipeline, header).timeout({ seconds: limits.timeoutSeconds });
    const pixels =
      header.space === 'grey16' && header.icc
        ? await decodeDeepGrey(standing, header.icc, limits)
        : await decodeColor(standing, header);
    return { ...pixels, format: kind, metadata: keepMetadata(header) };
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

type Pixels = Pick<DecodedImage, 'rgb' | 'alpha'>;

/** sharp follows the profile by itself, but leaves 16-bit colour in Display P3 unless it is told the profile. */
async function decodeColor(pipeline: Sharp, { space, icc }: Metadata): Promise<Pixels> {
  const converted = pipeline.toColourspace('srgb');
  const { data, info } = await (space === 'rgb16' && icc ? converted.withIccProfile('srgb') : converted)
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return separate(data, info.width, info.height, info.channels);
}

/** sharp ignores the profile of 16-bit grey. */
async function decodeDeepGrey(pipeline: Sharp, icc: Buffer, limits: ImageLimits): Promise<Pixels> {
  const { data, info } = await pipeline
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const deep = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  const { rgb, alpha } = separate(
    Uint8Array.from(deep, (value) => Math.round(value / 257)),
    width,
    height,
    channels,
  );
  const grey = rgb.data.filter((_, at) => at % 3 === 0);
  return { rgb: await applyProfile({ ...rgb, data: grey }, icc, limits), ...(alpha && { alpha }) };
}

/** Applies the EXIF orientation, also the one that ImageMagick hides in PNG text. */
function upright(pipeline: Sharp, header: Metadata): Sharp {
  const hidden = header.orientation ? undefined : textOrientation(header.comments);
  return hidden ? orient(pipeline, hidden) : pipeline.autoOrient();
}
