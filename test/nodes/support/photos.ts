import sharp from 'sharp';
import type { SourceItem } from './n8n';

export const BACKDROP = { r: 236, g: 236, b: 234 };
export const PRODUCT = { r: 190, g: 44, b: 52 };

/** A red box in the middle of a plain backdrop; it covers half of each side. */
export async function boxPhoto(width = 120, height = 90, type: 'jpeg' | 'png' = 'jpeg'): Promise<Buffer> {
  const box = { width: width >> 1, height: height >> 1, channels: 3 as const, background: PRODUCT };
  const input = await sharp({ create: box }).png().toBuffer();
  const photo = sharp({ create: { width, height, channels: 3, background: BACKDROP } }).composite([
    { input },
  ]);
  return type === 'png' ? await photo.png().toBuffer() : await photo.jpeg({ quality: 95 }).toBuffer();
}

/** An item with one photo in the field `data`. */
export async function photoItem(fileName: string, width?: number, height?: number): Promise<SourceItem> {
  const content = await boxPhoto(width, height);
  return { json: { sku: fileName }, files: { data: { content, fileName, mimeType: 'image/jpeg' } } };
}

export interface Pixels {
  format: string;
  width: number;
  height: number;
  channels: number;
  /** Values of one pixel, at a place given as fractions of the picture. */
  at(x: number, y: number): number[];
}

export async function readPixels(picture: Buffer): Promise<Pixels> {
  const { format, channels: stored } = await sharp(picture).metadata();
  const decoder = stored === 1 ? sharp(picture).toColourspace('b-w') : sharp(picture);
  const { data, info } = await decoder.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    format: String(format),
    width,
    height,
    channels,
    at(x, y) {
      const start = (Math.round(y * (height - 1)) * width + Math.round(x * (width - 1))) * channels;
      return [...data.subarray(start, start + channels)];
    },
  };
}
