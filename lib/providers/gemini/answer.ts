import type { VitrineError } from '../../contracts';
import { parseJson } from '../answer';
import { type Service, failed, rejected } from '../errors';

/** The fields of a `GenerateContentResponse` that are read here; none is promised to be there. */
interface Answer {
  candidates?: {
    finishReason?: string;
    content?: { parts?: { text?: string; thought?: boolean; inlineData?: { data?: unknown } }[] };
  }[];
  promptFeedback?: { blockReason?: string };
}

/** What it ended with; Gemini's codes look like this, and any other text could repeat the key. */
function codeOf(reason: unknown): string {
  return typeof reason === 'string' && /^[A-Z_]{1,40}$/.test(reason) ? reason : '';
}

/** Why Gemini ended without a picture, for people. */
const REASONS: Record<string, string> = {
  SAFETY: 'its safety filter stopped it',
  IMAGE_SAFETY: 'its safety filter stopped the picture',
  PROHIBITED_CONTENT: 'it takes the content for prohibited',
  IMAGE_PROHIBITED_CONTENT: 'it takes the picture for prohibited',
  BLOCKLIST: 'the prompt has a word on its block list',
  RECITATION: 'the picture would copy another one',
  IMAGE_RECITATION: 'the picture would copy another one',
  SPII: 'it sees personal data in it',
  MAX_TOKENS: 'the answer grew too long',
  NO_IMAGE: 'it made no picture',
  IMAGE_OTHER: 'it could not make the picture',
  MALFORMED_RESPONSE: 'its answer broke off',
  MODEL_ARMOR: 'the rules of the project (Model Armor) stopped it',
};

/**
 * The first picture of an answer; what the model drew while it thought does not count.
 * @throws VitrineError PROVIDER_REJECTED with the reason where there is none, PROVIDER_FAILED for nonsense
 */
export function readPicture(body: Buffer, model: string, { hints }: Service): Buffer {
  const { parts, ended } = partsOf(body, hints.failed);
  const drawn = parts.find((part) => part?.inlineData && !part.thought);
  if (!drawn) throw noPicture(ended, model);
  const { data } = drawn.inlineData!;
  const picture = typeof data === 'string' ? Buffer.from(data, 'base64') : undefined;
  if (!picture?.length) throw failed('Gemini answered with an empty picture', hints.failed);
  return picture;
}

/**
 * What a model wrote, and what it ended with: `STOP` where it came to its end, else the code of why it did not, blank
 * where it does not say. What it thought does not count.
 * @throws VitrineError PROVIDER_FAILED for nonsense
 */
export function readText(body: Buffer, { hints }: Service): { text: string; ended: string } {
  const { parts, ended } = partsOf(body, hints.failed);
  const texts = parts.filter((part) => typeof part?.text === 'string' && !part.thought);
  return { text: texts.map(({ text }) => text).join(''), ended };
}

/** Why a model that was to write did not come to its end. */
export function noText(code: string, model: string): VitrineError {
  const reasons = { ...REASONS, RECITATION: 'its words would copy a text that is not its own' };
  const why =
    (reasons as Record<string, string>)[code] ?? (code ? 'it did not come to its end' : 'it wrote nothing');
  return rejected(
    `Gemini (${model}) did not describe the product: ${why}${code && ` (${code})`}`,
    'Take other pictures of the product, choose another model, or leave the metadata out.',
  );
}

/** The parts of all candidates, and why the first of them ended, or why there is none. */
function partsOf(body: Buffer, hint: string) {
  const answer = parseJson(body.toString());
  if (typeof answer !== 'object' || answer === null)
    throw failed('Gemini answered with something else than JSON', hint);
  const { candidates, promptFeedback } = answer as Answer;
  const given = Array.isArray(candidates) ? candidates : [];
  const parts = given.flatMap((candidate) => {
    const own = candidate?.content?.parts;
    return Array.isArray(own) ? own : [];
  });
  return { parts, ended: codeOf(promptFeedback?.blockReason ?? given[0]?.finishReason) };
}

function noPicture(code: string, model: string): VitrineError {
  const why =
    REASONS[code] ?? (code && code !== 'STOP' ? `it ended with ${code}` : 'it answered with words only');
  return rejected(
    `Gemini (${model}) sent no picture back: ${why}${REASONS[code] ? ` (${code})` : ''}`,
    'Say the prompt in other words, take another picture, leave the prompt out, or choose a gemini_model that makes pictures.',
  );
}
