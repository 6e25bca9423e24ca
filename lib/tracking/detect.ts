import { VitrineError, invalid, type RgbImage } from '../contracts';
import type { Detection, DetectionNetwork } from '../models';

/** The least score of a box, and of a word that belongs to its phrase: what Grounding DINO's authors take. */
const THRESHOLD = 0.25;

/**
 * Finds what a text names.
 * @param text in any case; several things are parted by full stops or commas
 * @returns at least one, the best first
 * @throws VitrineError NO_SUBJECT where nothing is found; INVALID_PARAMETER for an empty text, or one that is too long
 */
export async function detect(network: DetectionNetwork, image: RgbImage, text: string): Promise<Detection[]> {
  const found = await network.detect(image, normalised(text), THRESHOLD, THRESHOLD);
  if (found.length) return found;
  throw new VitrineError({
    code: 'NO_SUBJECT',
    message: `Nothing in the picture answers to "${text.trim()}"`,
    hint: 'Name the object in one or two English words, such as "bottle", choose another frame, or give a box or a point.',
  });
}

/** Lower case, a full stop after each thing: without the last one the network finds next to nothing. */
function normalised(text: string): string {
  const things = text
    .toLowerCase()
    .split(/[.,;\n]/)
    .map((thing) => thing.trim().replace(/\s+/g, ' '))
    .filter(Boolean);
  if (things.length) return `${things.join('. ')}.`;
  throw invalid('the text', 'the name of an object', text, 'Name what shall be found, such as "bottle".');
}
