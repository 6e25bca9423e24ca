import { readFile } from 'node:fs/promises';
import type { ImageLimits } from '../contracts';
import { unpackRuns } from './bmp-runs';
import { broken, checkSize, failure } from './problems';
import { separate } from './separate';
import type { DecodedImage } from './types';

const FILE_HEADER = 14;
/** Size of the header of OS/2 1.x, which has shorter fields. */
const CORE_HEADER = 12;
/** From this size on, the header holds the masks itself, alpha's too from the next four bytes on. */
const MASKS_INSIDE = 52;
const [RGB, RLE8, RLE4, BITFIELDS, ALPHA_BITFIELDS] = [0, 1, 2, 3, 6];

interface Header {
  width: number;
  height: number;
  /** Rows from the top down; most files begin at the bottom. */
  topDown: boolean;
  bits: number;
  compression: number;
  /** Where the pixels begin. */
  pixelsAt: number;
}

/**
 * Decodes a Windows or OS/2 bitmap, since libvips has no reader for it here: 1, 2, 4 and 8 bits with a palette,
 * run-length coded or not, and 16, 24 and 32 bits with any masks.
 * @throws VitrineError TOO_LARGE, INVALID_IMAGE, UNSUPPORTED_FORMAT
 */
export async function decodeBmp(file: string, limits: ImageLimits): Promise<DecodedImage> {
  const bytes = await readFile(file);
  try {
    const header = readHeader(bytes);
    checkSize(header.width, header.height, limits);
    const rgba = header.bits <= 8 ? readIndexed(bytes, header) : readDirect(bytes, header);
    return { ...separate(rgba, header.width, header.height, 4), format: 'bmp', metadata: {} };
  } catch (error) {
    if ((error as Error).name === 'RangeError') throw broken('The BMP picture ends too early', error);
    throw error;
  }
}

function readHeader(bytes: Buffer): Header {
  const isCore = bytes.readUInt32LE(14) === CORE_HEADER;
  const pixelsAt = bytes.readUInt32LE(10);
  const [width, height] = isCore
    ? [bytes.readUInt16LE(18), bytes.readUInt16LE(20)]
    : [bytes.readInt32LE(18), bytes.readInt32LE(22)];
  const bits = bytes.readUInt16LE(isCore ? 24 : 28);
  const compression = isCore ? RGB : bytes.readUInt32LE(30);
  const known: Record<number, number[]> = {
    [RGB]: [1, 2, 4, 8, 16, 24, 32],
    [RLE8]: [8],
    [RLE4]: [4],
    [BITFIELDS]: [16, 32],
    [ALPHA_BITFIELDS]: [16, 32],
  };
  if (!known[compression]?.includes(bits)) {
    throw failure(
      'UNSUPPORTED_FORMAT',
      `The BMP picture has ${bits} bits a pixel with compression ${compression}, which is not known here`,
      'Convert it to PNG or JPEG first.',
    );
  }
  return { width, height: Math.abs(height), topDown: height < 0, bits, compression, pixelsAt };
}

function readIndexed(bytes: Buffer, header: Header): Uint8Array {
  const { width, height, bits, compression, pixelsAt } = header;
  const rgba = new Uint8Array(width * height * 4);
  const color = readPalette(bytes, header);
  const indices = compression === RGB ? undefined : unpackRuns(bytes.subarray(pixelsAt), width, height, bits);
  const mask = (1 << bits) - 1;
  eachRow(bytes, header, indices ? 0 : Math.ceil((width * bits) / 32) * 4, (start, y, to) => {
    for (let x = 0, at = to; x < width; x++, at += 4) {
      const place = x * bits;
      const index = indices
        ? indices[y * width + x]
        : (bytes[start + (place >> 3)] >> (8 - bits - (place & 7))) & mask;
      const [red, green, blue] = color[index] ?? color[0];
      rgba[at] = red;
      rgba[at + 1] = green;
      rgba[at + 2] = blue;
      rgba[at + 3] = 255;
    }
  });
  return rgba;
}

function readPalette(bytes: Buffer, { bits, pixelsAt }: Header): number[][] {
  const headerSize = bytes.readUInt32LE(14);
  const isCore = headerSize === CORE_HEADER;
  const entry = isCore ? 3 : 4;
  const start = FILE_HEADER + headerSize;
  const most = 1 << bits;
  const used = (!isCore && bytes.readUInt32LE(46)) || most;
  const count = Math.min(used, most, Math.floor((pixelsAt - start) / entry));
  if (count < 1) throw broken('The BMP picture has no palette');
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * entry;
    if (at + 3 > bytes.length) throw new RangeError('The palette ends too early');
    return [bytes[at + 2], bytes[at + 1], bytes[at]];
  });
}

function readDirect(bytes: Buffer, header: Header): Uint8Array {
  const { width, height, bits } = header;
  const rgba = new Uint8Array(width * height * 4);
  const step = bits / 8;
  const [red, green, blue, alpha] = readMasks(bytes, header).map(channelOf);
  let anyAlpha = false;
  eachRow(bytes, header, Math.ceil((width * bits) / 32) * 4, (start, _, to) => {
    for (let x = 0, from = start, at = to; x < width; x++, from += step, at += 4) {
      const value = bytes.readUIntLE(from, step);
      rgba[at] = red(value);
      rgba[at + 1] = green(value);
      rgba[at + 2] = blue(value);
      rgba[at + 3] = alpha(value);
      anyAlpha ||= rgba[at + 3] !== 0;
    }
  });
  // Writers that know no alpha leave its bits 0.
  if (!anyAlpha) for (let at = 3; at < rgba.length; at += 4) rgba[at] = 255;
  return rgba;
}

/** Bit masks of red, green, blue and alpha. */
function readMasks(bytes: Buffer, { bits, compression }: Header): number[] {
  if (compression === RGB) {
    return bits === 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff0000, 0xff00, 0xff, bits === 32 ? 0xff000000 : 0];
  }
  const headerSize = bytes.readUInt32LE(14);
  const hasAlpha = headerSize > MASKS_INSIDE || compression === ALPHA_BITFIELDS;
  return [0, 4, 8, 12].map((at) => (at === 12 && !hasAlpha ? 0 : bytes.readUInt32LE(54 + at)));
}

/** Takes a channel out of a pixel and stretches it to 0..255; 0 where the mask is empty. */
function channelOf(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / most);
}

/** Calls with where a row's bytes begin, its place in the file, and where its pixels go. */
function eachRow(
  bytes: Buffer,
  { width, height, topDown, pixelsAt }: Header,
  stride: number,
  visit: (start: number, y: number, to: number) => void,
): void {
  if (pixelsAt + stride * height > bytes.length) throw new RangeError('The rows end too early');
  for (let y = 0; y < height; y++) {
    visit(pixelsAt + y * stride, y, (topDown ? y : height - 1 - y) * width * 4);
  }
}
