import type { OutputFormat } from '../contracts';
import { pngChunk } from './png';
import type { ImageMetadata } from './types';

/**
 * Puts EXIF, XMP and density into an encoded file that has none. sharp can only keep what its own input had.
 * @param bytes a PNG, WebP or JPEG file as sharp writes it
 */
export function embedMetadata(bytes: Buffer, format: OutputFormat, metadata: ImageMetadata): Buffer {
  switch (format) {
    case 'png':
      return embedInPng(bytes, metadata);
    case 'webp':
      return embedInWebp(bytes, metadata);
    case 'jpeg':
      return embedInJpeg(bytes, metadata);
  }
}

/** A JPEG segment holds at most this many bytes after its length. */
const SEGMENT = 65_533;

/** APP1 segments behind the JFIF header, which also gets the density. */
function embedInJpeg(bytes: Buffer, { exif, xmp, density }: ImageMetadata): Buffer {
  const segments: Buffer[] = [];
  const add = (prefix: string, content: Buffer) => {
    const length = prefix.length + content.length;
    if (length > SEGMENT) return;
    const head = Buffer.from([0xff, 0xe1, 0, 0]);
    head.writeUInt16BE(length + 2, 2);
    segments.push(head, Buffer.from(prefix, 'latin1'), content);
  };
  if (exif) add('Exif\0\0', exif);
  if (xmp) add('http://ns.adobe.com/xap/1.0/\0', Buffer.from(xmp, 'utf8'));
  const jfif = bytes.toString('latin1', 6, 11) === 'JFIF\0';
  const behind = jfif ? 4 + bytes.readUInt16BE(4) : 2;
  const start = Buffer.from(bytes.subarray(0, behind));
  if (jfif && density) {
    start[13] = 1; // dots per inch
    start.writeUInt16BE(Math.min(65_535, Math.round(density)), 14);
    start.writeUInt16BE(Math.min(65_535, Math.round(density)), 16);
  }
  return Buffer.concat([start, ...segments, bytes.subarray(behind)]);
}

/** eXIf, iTXt and pHYs chunks behind IHDR (PNG, third edition). */
function embedInPng(bytes: Buffer, { exif, xmp, density }: ImageMetadata): Buffer {
  const chunks: Buffer[] = [];
  if (density) {
    const perMetre = Buffer.alloc(9);
    perMetre.writeUInt32BE(Math.round(density / 0.0254), 0);
    perMetre.writeUInt32BE(Math.round(density / 0.0254), 4);
    perMetre[8] = 1;
    chunks.push(pngChunk('pHYs', perMetre));
  }
  if (exif) chunks.push(pngChunk('eXIf', exif));
  if (xmp) chunks.push(pngChunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`, 'utf8')));
  const behind = 8 + 12 + bytes.readUInt32BE(8);
  return Buffer.concat([bytes.subarray(0, behind), ...chunks, withoutPhys(bytes.subarray(behind), density)]);
}

/** libvips writes a density of its own. */
function withoutPhys(chunks: Buffer, density?: number): Buffer {
  if (!density || chunks.toString('latin1', 4, 8) !== 'pHYs') return chunks;
  return chunks.subarray(12 + chunks.readUInt32BE(0));
}

const EXIF_FLAG = 8;
const XMP_FLAG = 4;
const ALPHA_FLAG = 16;

/** EXIF and XMP chunks at the end of an extended WebP container (RFC 9649). */
function embedInWebp(bytes: Buffer, { exif, xmp }: ImageMetadata): Buffer {
  const extras: Buffer[] = [];
  if (exif) extras.push(riffChunk('EXIF', exif));
  if (xmp) extras.push(riffChunk('XMP ', Buffer.from(xmp, 'utf8')));
  if (!extras.length) return bytes;
  const flags = (exif ? EXIF_FLAG : 0) | (xmp ? XMP_FLAG : 0);
  let content = bytes.subarray(12);
  if (content.toString('latin1', 0, 4) === 'VP8X') {
    content = Buffer.from(content);
    content[8] |= flags;
  } else content = Buffer.concat([extendedHeader(content, flags), content]);
  const head = Buffer.from(bytes.subarray(0, 12));
  const body = Buffer.concat([content, ...extras]);
  head.writeUInt32LE(4 + body.length, 4);
  return Buffer.concat([head, body]);
}

/** A VP8X chunk for a simple file, with the size that its bitstream says. */
function extendedHeader(content: Buffer, flags: number): Buffer {
  const lossless = content.toString('latin1', 0, 4) === 'VP8L';
  const bits = content.readUInt32LE(9);
  const width = lossless ? (bits & 0x3fff) + 1 : content.readUInt16LE(14) & 0x3fff;
  const height = lossless ? ((bits >>> 14) & 0x3fff) + 1 : content.readUInt16LE(16) & 0x3fff;
  const alpha = lossless && (bits >>> 28) & 1 ? ALPHA_FLAG : 0;
  const header = Buffer.alloc(10);
  header[0] = flags | alpha;
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  return riffChunk('VP8X', header);
}

function riffChunk(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length & 1)]);
}
