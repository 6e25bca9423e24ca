import { readFile } from 'node:fs/promises';
import { type ImageLimits, VitrineError } from '../contracts';
import { decodeSharp } from './decode-sharp';
import { countScans, tidyJpeg } from './jpeg';
import { failure, NO_WORDS } from './problems';
import type { DecodedImage } from './types';

/** Writers make about ten; a hundred times the pixels is no work that a header tells, and cannot be interrupted. */
const MAX_SCANS = 100;

/**
 * Decodes a JPEG. The decoder is told to refuse whatever it only warns of, since sharp's warnings say nothing of one
 * file: they come out of a queue that all pictures of the process share.
 * @throws VitrineError TOO_LARGE, INVALID_IMAGE, DEADLINE_EXCEEDED
 */
export async function decodeJpeg(file: string, limits: ImageLimits): Promise<DecodedImage> {
  const bytes = await readFile(file);
  if (countScans(bytes, MAX_SCANS) > MAX_SCANS) {
    const message = `The JPEG picture is told in more than ${MAX_SCANS} passes`;
    throw failure('TOO_LARGE', message, 'Save it again, as an ordinary JPEG.');
  }
  try {
    return await decodeSharp(bytes, 'jpeg', limits, 'warning');
  } catch (error) {
    if (!isDecoderError(error)) throw error;
  }
  const tidy = tidyJpeg(bytes);
  for (let triesLeft = 5; ; triesLeft--) {
    try {
      return await decodeSharp(tidy, 'jpeg', limits, 'warning');
    } catch (error) {
      if (!isDecoderError(error)) throw error;
      const { message } = error.cause;
      if (isHarmless(message)) return decodeSharp(tidy, 'jpeg', limits);
      // A picture that ends meanwhile can wipe out the words of this one's failure, never the failure itself.
      if (!NO_WORDS.test(message) || !triesLeft) throw error;
    }
  }
}

function isDecoderError(error: unknown): error is VitrineError & { cause: Error } {
  return error instanceof VitrineError && error.code === 'INVALID_IMAGE' && error.cause instanceof Error;
}

/** libjpeg's words for headers that are odd but leave every pixel whole. */
function isHarmless(text: string): boolean {
  return text
    .split('\n')
    .every((line) =>
      /Unknown Adobe|unknown JFIF|Invalid SOS parameters|bad ICC marker|extraneous bytes/.test(line),
    );
}
