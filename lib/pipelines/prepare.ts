import { join } from 'node:path';
import { FORMATS, type JobContext, throwIfAborted } from '../contracts';
import { decodeImage, encodeImage, fitSide, flatten, resizeRgb } from '../image';
import type { Resources } from './resources';

const QUALITY = 95;
const WHITE: [number, number, number] = [255, 255, 255];

/**
 * Makes a picture fit for a service elsewhere: upright, on white, no larger than needed, without GPS and other
 * metadata, as JPEG.
 * @param file an encoded picture of any accepted format
 * @param maxSide pixels of the longer side; a larger picture is made smaller
 * @returns the new file, in the job's folder
 * @throws VitrineError what decoding can say
 */
export async function preparePicture(
  resources: Resources,
  file: string,
  maxSide: number,
  { signal, tempDir }: JobContext,
): Promise<{ file: string; mimeType: string; width: number; height: number }> {
  const { limits } = resources.config;
  const { rgb, alpha } = await decodeImage(file, { limits, signal });
  throwIfAborted(signal);
  const opaque = alpha ? flatten(rgb, alpha, WHITE) : rgb;
  const { width, height } = fitSide(rgb, Math.min(maxSide, Math.max(rgb.width, rgb.height)));
  const fitted = width < rgb.width || height < rgb.height ? await resizeRgb(opaque, width, height) : opaque;
  throwIfAborted(signal);
  const prepared = join(tempDir, `prepared.${FORMATS.jpeg.extension}`);
  await encodeImage(prepared, fitted, {
    format: 'jpeg',
    quality: QUALITY,
    timeoutSeconds: limits.timeoutSeconds,
  });
  return { file: prepared, mimeType: FORMATS.jpeg.mimeType, width, height };
}
