import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RgbImage } from '../contracts';
import { cropTo, interleave } from './compose';
import { broken, checkSize } from './problems';
import { runFfmpeg } from './ffmpeg';
import type { CodedItem, HeifPicture, HeifPlane, Nclx } from './heif-picture';
import { keepMetadata } from './metadata';
import { applyTurn, heifTurn } from './orient';
import { separate } from './separate';
import { tiff } from './tiff';
import type { DecodedImage, DecodeOptions } from './types';

const START_CODE = Buffer.from([0, 0, 0, 1]);
const DISPLAY_P3 = 12;

/**
 * Decodes an HEVC picture (HEIC, as phones write it). The container is read here and only the HEVC pictures inside
 * go to ffmpeg, one after another: ffmpeg before 7.1 cannot put a grid of tiles together.
 * @throws VitrineError TOO_LARGE, INVALID_IMAGE, TOOL_MISSING, DEADLINE_EXCEEDED, CANCELLED
 */
export async function decodeHevc(picture: HeifPicture, options: DecodeOptions): Promise<DecodedImage> {
  const { transforms, exif, xmp } = picture;
  const color = await decodePlane(picture, picture.nclx, options);
  const channels = picture.alpha ? 4 : 3;
  const whole = picture.alpha ? await addAlpha(color, picture, picture.alpha, options) : color;
  const { data: pixels, width, height } = crop(whole, picture);
  const profile = picture.icc ?? (picture.nclx?.primaries === DISPLAY_P3 ? await displayP3() : undefined);
  const pipeline = profile
    ? sharp(tiff(pixels, width, height, channels, profile), { limitInputPixels: false, failOn: 'error' })
    : sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false });
  const { data, info } = await applyTurn(pipeline, heifTurn(transforms))
    .toColourspace('srgb')
    .withIccProfile('srgb')
    .timeout({ seconds: options.limits.timeoutSeconds })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    ...separate(data, info.width, info.height, info.channels),
    format: 'heic',
    metadata: keepMetadata({ exif, xmp }),
  };
}

function crop(data: Uint8Array, { width, height, crop: box }: HeifPicture): RgbImage {
  return box ? cropTo({ data, width, height }, box) : { data, width, height };
}

/** The Display P3 profile that sharp carries. */
async function displayP3(): Promise<Buffer | undefined> {
  const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } });
  return (await sharp(await pixel.withIccProfile('p3').png().toBuffer()).metadata()).icc;
}

/** @returns interleaved RGB of the whole plane */
async function decodePlane(
  plane: HeifPlane,
  nclx: Nclx | undefined,
  options: DecodeOptions,
): Promise<Buffer> {
  const { limits, tempDir } = options;
  const { tileWidth, tileHeight, tiles } = plane;
  // A grid may be a little larger than its picture, but not much.
  checkSize(plane.width, plane.height, limits);
  if (tileWidth * tileHeight * tiles.length > 2 * limits.maxPixels + tileWidth * tileHeight) {
    throw broken('The tiles of the HEIC picture are far larger than the picture');
  }
  const stream = join(tempDir, `${randomUUID()}.hevc`);
  try {
    await writeFile(stream, Buffer.concat(tiles.flatMap(annexB)));
    const filters = [`scale=${conversion(nclx)}`, 'format=rgb24', `crop=${tileWidth}:${tileHeight}:0:0`].join(
      ',',
    );
    const bytes = await runFfmpeg({
      what: 'HEIC',
      ffmpegPath: options.ffmpegPath,
      args: [
        ...[
          '-threads',
          '2',
          '-max_pixels',
          String(Math.max(limits.maxPixels, 1 << 20)),
          '-f',
          'hevc',
          '-i',
          stream,
        ],
        ...['-vf', filters, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
      ],
      expectedBytes: tiles.length * tileWidth * tileHeight * 3,
      timeoutSeconds: limits.timeoutSeconds,
      signal: options.signal,
    });
    return assemble(bytes, plane);
  } finally {
    await rm(stream, { force: true });
  }
}

/** An item's parameter sets and slices as a byte stream (ITU-T H.265, annex B). */
function annexB({ config, data }: CodedItem): Buffer[] {
  if (!config || config.length < 23) throw broken('The HEIC picture lacks its decoder settings');
  const parts: Buffer[] = [];
  const lengthSize = (config[21] & 3) + 1;
  try {
    let at = 23;
    for (let arrays = config[22]; arrays > 0; arrays--) {
      let units = config.readUInt16BE(at + 1);
      for (at += 3; units > 0; units--) at = push(parts, config, at, 2);
    }
    for (at = 0; at < data.length;) at = push(parts, data, at, lengthSize);
  } catch (error) {
    if (error instanceof RangeError) throw broken('The HEIC picture ends too early', error);
    throw error;
  }
  return parts;
}

function push(parts: Buffer[], bytes: Buffer, at: number, lengthSize: number): number {
  const start = at + lengthSize;
  const end = start + bytes.readUIntBE(at, lengthSize);
  if (end > bytes.length) throw new RangeError('A unit ends too early');
  parts.push(START_CODE, bytes.subarray(start, end));
  return end;
}

/** What the container says about colour overrides what the stream says. */
function conversion(nclx: Nclx | undefined): string {
  const matrix = nclx && { 1: 'bt709', 5: 'bt601', 6: 'bt601', 9: 'bt2020', 10: 'bt2020' }[nclx.matrix];
  const range = nclx ? (nclx.fullRange ? 'full' : 'limited') : 'auto';
  return `in_range=${range}:in_color_matrix=${matrix ?? 'auto'}:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp`;
}

function assemble(
  bytes: Buffer,
  { width, height, tileWidth, tileHeight, columns, tiles }: HeifPlane,
): Buffer {
  if (tiles.length === 1 && tileWidth === width && tileHeight === height) return bytes;
  const out = Buffer.alloc(width * height * 3);
  tiles.forEach((_, index) => {
    const left = (index % columns) * tileWidth;
    const top = Math.floor(index / columns) * tileHeight;
    const across = Math.min(tileWidth, width - left);
    for (let row = 0; row < Math.min(tileHeight, height - top); row++) {
      const from = (index * tileHeight + row) * tileWidth * 3;
      bytes.copy(out, ((top + row) * width + left) * 3, from, from + Math.max(0, across) * 3);
    }
  });
  return out;
}

async function addAlpha(
  color: Buffer,
  { width, height }: HeifPicture,
  plane: HeifPlane,
  options: DecodeOptions,
): Promise<Uint8Array> {
  const decoded = await decodePlane(plane, undefined, options);
  const alpha = await sharp(decoded, { raw: { width: plane.width, height: plane.height, channels: 3 } })
    .extractChannel(0)
    .resize(width, height, { fit: 'fill' })
    .extractChannel(0)
    .raw()
    .toBuffer();
  return interleave({ data: color, width, height }, { data: alpha, width, height });
}
