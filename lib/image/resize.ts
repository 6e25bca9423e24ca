import sharp from 'sharp';
import type { Alpha, RgbImage } from '../contracts';
import { upscale, type UpscaleKernel } from './upscale';

export type Kernel = UpscaleKernel;

/**
 * The size of a picture whose longer side is brought to `side` pixels.
 * @returns whole pixels, at least one each way
 */
export function fitSide(
  { width, height }: { width: number; height: number },
  side: number,
): { width: number; height: number } {
  const scale = side / Math.max(width, height);
  const fit = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: fit(width), height: fit(height) };
}

/**
 * Stretches a picture to exactly `width` x `height` pixels.
 * @param kernel default `lanczos3`
 */
export async function resizeRgb(
  image: RgbImage,
  width: number,
  height: number,
  kernel?: Kernel,
): Promise<RgbImage> {
  return { data: await resizePlanes(image, 3, width, height, kernel), width, height };
}

/**
 * Stretches a matte to exactly `width` x `height` pixels; still one channel afterwards.
 * @param kernel default `lanczos3`
 */
export async function resizeAlpha(
  alpha: Alpha,
  width: number,
  height: number,
  kernel?: Kernel,
): Promise<Alpha> {
  return { data: await resizePlanes(alpha, 1, width, height, kernel), width, height };
}

async function resizePlanes(
  image: { data: Uint8Array; width: number; height: number },
  channels: 1 | 3,
  width: number,
  height: number,
  kernel: Kernel = 'lanczos3',
): Promise<Uint8Array> {
  // Each direction by what does it best: libvips makes smaller, our own code makes larger.
  const small = { width: Math.min(width, image.width), height: Math.min(height, image.height) };
  const shrunk = await shrink(image, channels, small.width, small.height, kernel);
  return upscale({ data: shrunk, ...small }, channels, width, height, kernel);
}

async function shrink(
  image: { data: Uint8Array; width: number; height: number },
  channels: 1 | 3,
  width: number,
  height: number,
  kernel: Kernel,
): Promise<Uint8Array> {
  if (width === image.width && height === image.height) return image.data.slice();
  const raw = { width: image.width, height: image.height, channels };
  let pipeline = sharp(image.data, { raw, limitInputPixels: false }).resize(width, height, {
    fit: 'fill',
    kernel,
  });
  // sharp gives three equal channels back after resizing a single one.
  if (channels === 1) pipeline = pipeline.extractChannel(0);
  const { data } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}
