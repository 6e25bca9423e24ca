import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  type Each,
  type JobContext,
  type SurveyedPicture,
  VitrineError,
  throwIfAborted,
} from '../../contracts';
import { decodeImage, flatten } from '../../image';
import type { Resources } from '../resources';
import { findBorder } from './borders';
import { differenceHash } from './facts';

const WHITE: [number, number, number] = [255, 255, 255];

/**
 * Reads pictures as a whole, so that nothing is made of a broken one.
 * @returns in the order of `files`; for each that cannot be used, why
 * @throws VitrineError CANCELLED
 */
export async function surveySources(
  { config: { limits } }: Resources,
  files: readonly string[],
  { signal, progress }: JobContext,
): Promise<Each<SurveyedPicture>[]> {
  const seen: Each<SurveyedPicture>[] = [];
  for (const file of files) {
    throwIfAborted(signal);
    try {
      const { rgb, alpha } = await decodeImage(file, { limits, signal });
      const { width, height } = rgb;
      // What is transparent has no border: its own margin is cut by what is opaque.
      const border = alpha ? null : findBorder(rgb);
      const sha256 = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      const whole = alpha ? flatten(rgb, alpha, WHITE) : rgb;
      const hash = differenceHash(whole, border ? border.keep : [0, 0, width, height]);
      seen.push({ sha256, width, height, border, hash });
    } catch (thrown) {
      throwIfAborted(signal);
      seen.push({ error: VitrineError.from(thrown).toJSON() });
    }
    progress({ stage: 'decode', fraction: seen.length / files.length, made: seen.length });
  }
  return seen;
}
