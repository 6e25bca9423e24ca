import { join } from 'node:path';
import sharp from 'sharp';
import { root } from './settings';

export const BACKDROP = { r: 236, g: 236, b: 234 };
export const PRODUCT = { r: 190, g: 44, b: 52 };

/** A red box in the middle of a plain sweep; it covers half of each side. */
export async function boxPhoto(width: number, height: number): Promise<Buffer> {
  const inner = { width: width >> 1, height: height >> 1 };
  const left = (width - inner.width) >> 1;
  const top = (height - inner.height) >> 1;
  return await sharp({ create: { ...inner, channels: 3, background: PRODUCT } })
    .extend({
      left,
      top,
      right: width - inner.width - left,
      bottom: height - inner.height - top,
      background: BACKDROP,
    })
    .jpeg({ quality: 92 })
    .toBuffer();
}

/** A multipart form as curl and browsers send it. */
export function formOf(photos: Record<string, Buffer>): FormData {
  const form = new FormData();
  for (const [field, photo] of Object.entries(photos)) {
    form.append(field, new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), `${field}.jpg`);
  }
  return form;
}

export interface Cutout {
  width: number;
  height: number;
  /** Colour and alpha, each 0..255, at a place given as fractions of the picture. */
  at(x: number, y: number): { r: number; g: number; b: number; alpha: number };
  /** Alpha, row-major. */
  alpha: Uint8Array;
}

/** Decodes a PNG cutout. */
export async function readCutout(png: Buffer): Promise<Cutout> {
  const { format, hasAlpha } = await sharp(png).metadata();
  if (format !== 'png' || !hasAlpha)
    throw new Error(`Expected a PNG with alpha but got ${format}, alpha: ${hasAlpha}`);
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return {
    width,
    height,
    at(x, y) {
      const index = (Math.round(y * (height - 1)) * width + Math.round(x * (width - 1))) * 4;
      return { r: data[index], g: data[index + 1], b: data[index + 2], alpha: data[index + 3] };
    },
    alpha: Uint8Array.from({ length: width * height }, (_, i) => data[i * 4 + 3]),
  };
}

/** A rendered example of the repo. */
export const examplePhoto = join(root, 'examples/packshots/mug.jpg');
