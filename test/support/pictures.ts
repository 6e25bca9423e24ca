import { join } from 'node:path';
import sharp from 'sharp';
import { packageRoot } from '../../lib/contracts';

export type Color = [number, number, number];

interface PackshotOptions {
  width?: number;
  height?: number;
  product?: Color;
  ground?: Color;
  /** Radius of the disc that stands for the product, as a share of the shorter side. */
  radius?: number;
}

/** A coloured disc on a plain ground: raw pixels with an antialiased edge. */
export function packshot(options: PackshotOptions = {}): { data: Uint8Array; width: number; height: number } {
  const {
    width = 320,
    height = 240,
    product = [200, 30, 40],
    ground = [244, 243, 241],
    radius = 0.3,
  } = options;
  const data = new Uint8Array(width * height * 3);
  const edge = radius * Math.min(width, height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const distance = Math.hypot(x + 0.5 - width / 2, y + 0.5 - height / 2);
      const cover = Math.min(1, Math.max(0, edge - distance + 0.5));
      for (let c = 0; c < 3; c++) data[at + c] = Math.round(ground[c] + (product[c] - ground[c]) * cover);
    }
  }
  return { data, width, height };
}

/** Writes a packshot; the name's ending chooses the format. */
export async function writePackshot(
  folder: string,
  name = 'packshot.jpg',
  options?: PackshotOptions,
): Promise<string> {
  const { data, width, height } = packshot(options);
  const file = join(folder, name);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file);
  return file;
}

/** Coloured noise: no plain cutter may accept it. */
export async function writeClutter(folder: string, name = 'clutter.jpg'): Promise<string> {
  const [width, height] = [200, 160];
  let state = 1;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state >> 16;
  });
  const file = join(folder, name);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file);
  return file;
}

/** Red, green, blue and alpha at a position given as shares of width and height. */
export async function pixelAt(
  picture: string | Buffer,
  x: number,
  y: number,
): Promise<[number, number, number, number]> {
  const { data, info } = await sharp(picture).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 4;
  return [data[at], data[at + 1], data[at + 2], data[at + 3]];
}

/** The product of an example, such as `packshots/mug`, cut out by its true alpha. @returns a PNG */
export async function exampleCutout(product: string): Promise<Buffer> {
  const file = (kind: string) => join(packageRoot, 'examples', `${product}.${kind}.png`);
  const alpha = await sharp(file('alpha')).toColourspace('b-w').toBuffer();
  const whole = await sharp(file('foreground')).joinChannel(alpha).png().toBuffer();
  return sharp(whole).trim().toBuffer();
}
