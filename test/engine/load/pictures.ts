import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Color } from '../../support/pictures';

export interface Photo {
  bytes: Buffer;
  name: string;
  width: number;
  height: number;
  /** Colour of the disc in the middle that stands for the product. */
  product: Color;
}

const SIZES = [
  [160, 120],
  [240, 320],
  [400, 300],
  [120, 200],
];

/** A disc of a colour that tells the requests apart, on a light ground. */
export async function photo(index: number, format: 'jpeg' | 'png' | 'webp' | 'tiff'): Promise<Photo> {
  const product: Color = [130 + ((index * 37) % 100), 20 + ((index * 53) % 60), 30 + ((index * 71) % 60)];
  return encode(product, [244, 243, 241], SIZES[index % SIZES.length], format);
}

/** A light disc on dark ground, as the tiny network `bright` wants it; hardly two are the same. */
export async function brightPhoto(index: number): Promise<Photo> {
  const product: Color = [250 - (index % 9), 246 - (index % 7), 240 + (index % 11)];
  const ground: Color = [10 + (index % 13), 12 + (index % 17), 8 + (index % 19)];
  return encode(product, ground, SIZES[index % SIZES.length], 'png');
}

/** So large that whoever hangs up at the first word of progress leaves in mid-job. */
export const largePhoto = (): Promise<Photo> => encode([200, 30, 40], [244, 243, 241], [1200, 900], 'jpeg');

/** A product that is cut out already. */
export async function cutoutPhoto(): Promise<Photo> {
  const { width, height, product, bytes } = await encode([20, 90, 200], [0, 0, 0], [160, 120], 'png');
  const disc = `<svg width="160" height="120"><circle cx="80" cy="60" r="36"/></svg>`;
  const clipped = sharp(bytes)
    .ensureAlpha()
    .composite([{ input: Buffer.from(disc), blend: 'dest-in' }]);
  return { bytes: await clipped.png().toBuffer(), name: 'cutout.png', width, height, product };
}

/** As a phone writes it; made by test/image/heic/make.py. */
export function heicPhoto(): Photo {
  const bytes = readFileSync(join(__dirname, '../../image/heic/plain.heic'));
  return { bytes, name: 'phone.heic', width: 192, height: 128, product: [200, 30, 40] };
}

async function encode(
  product: Color,
  ground: Color,
  [width, height]: number[],
  format: 'jpeg' | 'png' | 'webp' | 'tiff',
): Promise<Photo> {
  const radius = 0.3 * Math.min(width, height);
  // Drawn by librsvg: this happens for each request, and in jest a loop over pixels would take longer than its answer.
  const svg = `<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="rgb(${ground})"/>
    <circle cx="50%" cy="50%" r="${radius}" fill="rgb(${product})"/></svg>`;
  const bytes = await sharp(Buffer.from(svg)).removeAlpha().toFormat(format, { quality: 95 }).toBuffer();
  return { bytes, name: `photo.${format}`, width, height, product };
}
