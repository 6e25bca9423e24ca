import type { Metadata } from 'sharp';
import { TiffStructure } from './tiff-directory';
import type { ImageMetadata } from './types';

const PREFIX = 'Exif\0\0';
/** Tags of EXIF 3.0. */
const [WIDTH, HEIGHT, ORIENTATION] = [0x0100, 0x0101, 0x0112];
const [EXIF_DIRECTORY, COLOR_SPACE, EXIF_WIDTH, EXIF_HEIGHT] = [0x8769, 0xa001, 0xa002, 0xa003];
const [UPRIGHT, SRGB] = [1, 1];

/** Keeps EXIF, XMP and density of a header. */
export function keepMetadata({
  exif,
  xmp,
  density,
}: Pick<Metadata, 'exif' | 'xmp' | 'density'>): ImageMetadata {
  const kept: ImageMetadata = {};
  const block = exif && withoutPrefix(exif);
  if (block && TiffStructure.open(block)?.first()) kept.exif = block;
  if (xmp) kept.xmp = xmp.toString('utf8');
  if (density) kept.density = density;
  return kept;
}

/**
 * Makes metadata tell the truth about the picture that it is written with: its size, upright, in sRGB, and no
 * thumbnail, which would show the old picture.
 */
export function describePicture(
  { exif, xmp, density }: ImageMetadata,
  size: { width: number; height: number },
): ImageMetadata {
  return { exif: exif && describeExif(exif, size), xmp: xmp && describeXmp(xmp, size), density };
}

function describeExif(exif: Buffer, { width, height }: { width: number; height: number }): Buffer {
  const copy = Buffer.from(exif);
  const structure = TiffStructure.open(copy);
  const main = structure?.first();
  if (!structure || !main) return copy;
  structure.setNumber(main, WIDTH, width);
  structure.setNumber(main, HEIGHT, height);
  structure.setNumber(main, ORIENTATION, UPRIGHT);
  structure.setLast(main);
  const photo = structure.below(main, EXIF_DIRECTORY);
  if (!photo) return copy;
  structure.setNumber(photo, EXIF_WIDTH, width);
  structure.setNumber(photo, EXIF_HEIGHT, height);
  structure.setNumber(photo, COLOR_SPACE, SRGB);
  return copy;
}

function describeXmp(xmp: string, { width, height }: { width: number; height: number }): string {
  const values = {
    'tiff:ImageWidth': width,
    'tiff:ImageLength': height,
    'tiff:Orientation': UPRIGHT,
    'exif:PixelXDimension': width,
    'exif:PixelYDimension': height,
    'exif:ColorSpace': SRGB,
  };
  let told = xmp;
  for (const [name, value] of Object.entries(values)) {
    told = told
      .replace(new RegExp(`(\\s${name}\\s*=\\s*["'])\\d+(["'])`, 'g'), `$1${value}$2`)
      .replace(new RegExp(`(<${name}>\\s*)\\d+(\\s*</${name}>)`, 'g'), `$1${value}$2`);
  }
  return told;
}

/** Orientation 1..8 of an EXIF block; undefined when it has none or is broken. */
function exifOrientation(exif: Buffer): number | undefined {
  const structure = TiffStructure.open(withoutPrefix(exif));
  const main = structure?.first();
  const value = main && structure?.number(main, ORIENTATION);
  return value !== undefined && value >= 1 && value <= 8 ? value : undefined;
}

function withoutPrefix(exif: Buffer): Buffer {
  return exif.toString('latin1', 0, 6) === PREFIX ? exif.subarray(6) : exif;
}

/** An EXIF block holds at most 64 KB; each byte is two digits, and lines end every 72 of them. */
const MAX_HEX_TEXT = 140_000;

/** Orientation in the EXIF block that ImageMagick writes into PNG text as hexadecimal digits. */
export function textOrientation(comments: Metadata['comments']): number | undefined {
  const profile = comments?.find(({ keyword }) => /^Raw profile type (exif|APP1)$/i.test(keyword));
  if (!profile || profile.text.length > MAX_HEX_TEXT) return undefined;
  const [name, length, ...digits] = profile.text.trim().split(/\s+/);
  if (!name || !/^\d+$/.test(length)) return undefined;
  return exifOrientation(Buffer.from(digits.join(''), 'hex'));
}
