import { spawnSync } from 'node:child_process';
import sharp from 'sharp';
import { heifFile } from '../../image/heif-file';
import { type Color, packshot } from '../../support/pictures';

export const ffmpeg = process.env.FFMPEG_PATH || 'ffmpeg';

/** Whether this machine's ffmpeg can make the HEIC photo. */
export const hasHevc = (
  spawnSync(ffmpeg, ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout ?? ''
).includes('libx265');

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

/** Needs `hasHevc`. */
export function heicPhoto(): Photo {
  const [width, height] = [192, 128];
  const product: Color = [200, 30, 40];
  const { data } = packshot({ width, height, product });
  const source = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-i', 'pipe:0'];
  const coding = ['-c:v', 'libx265', '-pix_fmt', 'yuv444p', '-x265-params', 'crf=2:log-level=none'];
  const args = ['-v', 'error', ...source, ...coding, '-f', 'hevc', 'pipe:1'];
  const { stdout } = spawnSync(ffmpeg, args, { input: data });
  const bytes = heifFile({ tiles: [stdout], tileWidth: width, tileHeight: height });
  return { bytes, name: 'phone.heic', width, height, product };
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
