import sharp from 'sharp';
import type { Alpha, BoundingBox, RgbImage } from '../contracts';
import { cropTo } from './compose';
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

/**
 * As `resizeRgb` of a part that was cut out of the picture, without a copy of that part.
 * @param part whole pixels within the picture
 */
export async function resizePart(
  image: RgbImage,
  part: BoundingBox,
  width: number,
  height: number,
): Promise<RgbImage> {
  return { data: await resizePlanes(image, 3, width, height, 'lanczos3', part), width, height };
}

async function resizePlanes(
  image: { data: Uint8Array; width: number; height: number },
  channels: 1 | 3,
  width: number,
  height: number,
  kernel: Kernel = 'lanczos3',
  part: BoundingBox = [0, 0, image.width, image.height],
): Promise<Uint8Array> {
  // Each direction by what does it best: libvips makes smaller, our own code makes larger.
  const small = { width: Math.min(width, part[2]), height: Math.min(height, part[3]) };
  const shrunk = await shrink(image, part, channels, small.width, small.height, kernel);
  return upscale({ data: shrunk, ...small }, channels, width, height, kernel);
}

async function shrink(
  image: { data: Uint8Array; width: number; height: number },
  part: BoundingBox,
  channels: 1 | 3,
  width: number,
  height: number,
  kernel: Kernel,
): Promise<Uint8Array> {
  const [left, top, across, down] = part;
  if (width === across && height === down) return cropTo(image, part).data;
  const raw = { width: image.width, height: image.height, channels };
  let pipeline = sharp(image.data, { raw, limitInputPixels: false });
  if (across < image.width || down < image.height)
    pipeline = pipeline.extract({ left, top, width: across, height: down });
  pipeline = pipeline.resize(width, height, { fit: 'fill', kernel });
  // sharp gives three equal channels back after resizing a single one.
  if (channels === 1) pipeline = pipeline.extractChannel(0);
  const { data } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}
