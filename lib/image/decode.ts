import { open, readFile, stat } from 'node:fs/promises';
import { throwIfAborted, type ImageLimits } from '../contracts';
import { decodeBmp } from './bmp';
import { decodeJpeg } from './decode-jpeg';
import { decodeSharp } from './decode-sharp';
import { decodeTiff } from './decode-tiff';
import { decodeGuarded } from './guard/guard';
import { tidyPng } from './png';
import { broken, checkBytes, failure } from './problems';
import { sniff, UNSUPPORTED, type UnsupportedKind } from './sniff';
import type { DecodedImage, DecodeOptions } from './types';

const HEAD_BYTES = 4096;

/**
 * Reads a picture: upright, 8-bit sRGB, the first page or frame only. The kind is told by the file's own bytes, and
 * bytes, sides and pixels are checked before anything is decoded. A picture that is only partly there is an error,
 * never half a picture; damage that leaves the pixels whole (stray bytes, broken profiles or comments) is forgiven.
 * @throws VitrineError NOT_FOUND, TOO_LARGE, UNSUPPORTED_FORMAT, INVALID_IMAGE, DEADLINE_EXCEEDED, CANCELLED
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
    case 'svg':
    case 'heif':
      return decodeGuarded(file, kind, options);
    case 'bmp':
      return decodeBmp(file, limits);
    case 'jpeg':
      return decodeJpeg(file, limits);
    case 'tiff':
      return decodeTiff(file, limits);
    case 'png':
      return decodeSharp(tidyPng(await readFile(file)), kind, limits);
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
