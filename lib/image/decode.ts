import { open, readFile, stat } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { throwIfAborted, type ImageLimits, VitrineError } from '../contracts';
import { decodeBmp } from './bmp';
import { decodeHevc } from './heic';
import { HeifError, parseHeif } from './heif';
import type { HeifPicture } from './heif-picture';
import { tidyJpeg } from './jpeg';
import { keepMetadata, textOrientation } from './metadata';
import { applyTurn, exifTurn } from './orient';
import { broken, checkBytes, checkSize, decodeFailure, failure, NO_WORDS } from './problems';
import { separate } from './separate';
import { sniff, UNSUPPORTED, type UnsupportedKind } from './sniff';
import { checkSvg } from './svg';
import type { DecodedImage, DecodeOptions } from './types';

const HEAD_BYTES = 4096;

/**
 * Reads a picture: upright, 8-bit sRGB, the first page or frame only. The kind is told by the file's own bytes, and
 * bytes, sides and pixels are checked before anything is decoded. A picture that is only partly there is an error,
 * never half a picture; damage that leaves the pixels whole (stray bytes, broken profiles or comments) is forgiven.
 * @throws VitrineError NOT_FOUND, TOO_LARGE, UNSUPPORTED_FORMAT, INVALID_IMAGE, TOOL_MISSING, DEADLINE_EXCEEDED,
 * CANCELLED
 */
export async function decodeImage(file: string, options: DecodeOptions): Promise<DecodedImage> {
  const { limits, signal } = options;
  if (signal) throwIfAborted(signal);
  const kind = sniff(await readHead(file, limits));
  if (kind in UNSUPPORTED) {
    const [name, hint] = UNSUPPORTED[kind as UnsupportedKind];
    throw failure('UNSUPPORTED_FORMAT', `The file is ${name}`, hint);
  }
  const decoded = await decodeKind(file, kind, options);
  if (signal) throwIfAborted(signal);
  return decoded;
}

async function decodeKind(file: string, kind: string, options: DecodeOptions): Promise<DecodedImage> {
  const { limits } = options;
  switch (kind) {
    case 'svg': {
      const bytes = await readFile(file);
      checkSvg(bytes, limits);
      return decodeSharp(bytes, kind, limits);
    }
    case 'heif':
      return decodeHeif(await readFile(file), options);
    case 'bmp':
      return decodeBmp(file, options);
    case 'jpeg':
      return decodeJpeg(file, limits);
    default:
      return decodeSharp(file, kind, limits);
  }
}

async function readHead(file: string, limits: ImageLimits): Promise<Buffer> {
  const info = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw failure(
      'NOT_FOUND',
      `The picture cannot be opened (${error.code})`,
      'Check the path and its permissions.',
      error,
    );
  });
  if (info.isDirectory())
    throw failure('INVALID_IMAGE', 'The picture is a folder', 'Name the files inside it instead.');
  if (!info.isFile())
    throw failure('INVALID_IMAGE', 'The picture is not a regular file', 'Save it as a file first.');
  if (info.size === 0) throw broken('The file is empty');
  checkBytes(info.size, limits);
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * The decoder is told to refuse whatever it only warns of, since sharp's warnings say nothing of one file: they come
 * out of a queue that all pictures of the process share.
 */
async function decodeJpeg(file: string, limits: ImageLimits): Promise<DecodedImage> {
  try {
    return await decodeSharp(file, 'jpeg', limits, 'warning');
  } catch (error) {
    if (!isDecoderError(error)) throw error;
  }
  const tidy = tidyJpeg(await readFile(file));
  for (let triesLeft = 5; ; triesLeft--) {
    try {
      return await decodeSharp(tidy, 'jpeg', limits, 'warning');
    } catch (error) {
      if (!isDecoderError(error)) throw error;
      const { message } = error.cause;
      if (isHarmless(message)) return decodeSharp(tidy, 'jpeg', limits);
      // A picture that ends meanwhile can wipe out the words of this one's failure, never the failure itself.
      if (!NO_WORDS.test(message) || !triesLeft) throw error;
    }
  }
}

function isDecoderError(error: unknown): error is VitrineError & { cause: Error } {
  return error instanceof VitrineError && error.code === 'INVALID_IMAGE' && error.cause instanceof Error;
}

/** libjpeg's words for headers that are odd but leave every pixel whole. */
function isHarmless(text: string): boolean {
  return text
    .split('\n')
    .every((line) =>
      /Unknown Adobe|unknown JFIF|Invalid SOS parameters|bad ICC marker|extraneous bytes/.test(line),
    );
}

/** AVIF goes to libvips whatever its brand says; HEVC to ffmpeg. */
async function decodeHeif(bytes: Buffer, options: DecodeOptions): Promise<DecodedImage> {
  const picture = readStructure(bytes);
  checkSize(picture.width, picture.height, options.limits);
  const [{ type }] = picture.tiles;
  if (type === 'av01') {
    bytes.write('avif', 8, 'latin1');
    return { ...(await decodeSharp(bytes, 'avif', options.limits)), format: 'avif' };
  }
  if (type === 'hvc1') return decodeHevc(picture, options);
  throw failure(
    'UNSUPPORTED_FORMAT',
    `The HEIF picture is coded as ${JSON.stringify(type)}, which is not known here`,
    'Convert it to JPEG, PNG or WebP first.',
  );
}

function readStructure(bytes: Buffer): HeifPicture {
  try {
    return parseHeif(bytes);
  } catch (error) {
    if (error instanceof HeifError || error instanceof RangeError) {
      throw broken(`The HEIF picture cannot be read: ${error.message}`, error);
    }
    throw error;
  }
}

async function decodeSharp(
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
