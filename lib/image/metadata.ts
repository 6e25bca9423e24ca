import type { Metadata } from 'sharp';
import type { ImageMetadata } from './types';

const ORIENTATION = 0x0112;
const PREFIX = 'Exif\0\0';

/** Keeps EXIF, XMP and density of a header; orientation becomes 1, since pixels are upright from now on. */
export function keepMetadata({
  exif,
  xmp,
  density,
}: Pick<Metadata, 'exif' | 'xmp' | 'density'>): ImageMetadata {
  const kept: ImageMetadata = {};
  const upright = exif && uprightExif(exif);
  if (upright) kept.exif = upright;
  if (xmp) kept.xmp = uprightXmp(xmp.toString('utf8'));
  if (density) kept.density = density;
  return kept;
}

/** Orientation 1..8 of an EXIF block; undefined when it has none or is broken. */
export function exifOrientation(exif: Buffer): number | undefined {
  const entry = findOrientation(withoutPrefix(exif));
  const value = entry && entry.read(entry.at);
  return value !== undefined && value >= 1 && value <= 8 ? value : undefined;
}

/**
 * A copy with orientation 1 and without the thumbnail, which would show the old picture.
 * @returns undefined when the block is broken
 */
function uprightExif(exif: Buffer): Buffer | undefined {
  const copy = Buffer.from(withoutPrefix(exif));
  const directory = openDirectory(copy);
  if (!directory) return undefined;
  const entry = findOrientation(copy);
  if (entry) entry.write(1, entry.at);
  copy.fill(0, directory.next, directory.next + 4);
  return copy;
}

function withoutPrefix(exif: Buffer): Buffer {
  return exif.toString('latin1', 0, 6) === PREFIX ? exif.subarray(6) : exif;
}

/** The first image file directory of a TIFF structure (TIFF 6.0). */
function openDirectory(
  tiff: Buffer,
): { little: boolean; first: number; count: number; next: number } | undefined {
  const order = tiff.toString('latin1', 0, 4);
  if (order !== 'II*\0' && order !== 'MM\0*') return undefined;
  const little = order[0] === 'I';
  if (tiff.length < 14) return undefined;
  const start = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (start + 2 > tiff.length) return undefined;
  const count = little ? tiff.readUInt16LE(start) : tiff.readUInt16BE(start);
  const next = start + 2 + count * 12;
  return next + 4 > tiff.length ? undefined : { little, first: start + 2, count, next };
}

function findOrientation(tiff: Buffer) {
  const directory = openDirectory(tiff);
  if (!directory) return undefined;
  const { little, first, count } = directory;
  const read = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const write = (value: number, at: number) =>
    little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
  for (let entry = 0; entry < count; entry++) {
    if (read(first + entry * 12) === ORIENTATION) return { at: first + entry * 12 + 8, read, write };
  }
  return undefined;
}

function uprightXmp(xmp: string): string {
  return xmp
    .replace(/(tiff:Orientation\s*=\s*["'])\d(["'])/g, '$11$2')
    .replace(/(<tiff:Orientation>\s*)\d(\s*<\/tiff:Orientation>)/g, '$11$2');
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
