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
  const answer = parseJson(body.toString());
  if (typeof answer !== 'object' || answer === null)
    throw failed('Gemini answered with something else than JSON', hints.failed);
  const { candidates, promptFeedback } = answer as Answer;
  const given = Array.isArray(candidates) ? candidates : [];
  const parts = given.flatMap((candidate) => {
    const own = candidate?.content?.parts;
    return Array.isArray(own) ? own : [];
  });
  const drawn = parts.find((part) => part?.inlineData && !part.thought);
  if (!drawn) throw noPicture(promptFeedback?.blockReason ?? given[0]?.finishReason, model);
  const { data } = drawn.inlineData!;
  const picture = typeof data === 'string' ? Buffer.from(data, 'base64') : undefined;
  if (!picture?.length) throw failed('Gemini answered with an empty picture', hints.failed);
  return picture;
}

function noPicture(reason: unknown, model: string): VitrineError {
  // Gemini's reasons look like this; any other text could repeat the key.
  const code = typeof reason === 'string' && /^[A-Z_]{1,40}$/.test(reason) ? reason : '';
  const why =
    REASONS[code] ?? (code && code !== 'STOP' ? `it ended with ${code}` : 'it answered with words only');
  return rejected(
    `Gemini (${model}) sent no picture back: ${why}${REASONS[code] ? ` (${code})` : ''}`,
    'Say the prompt in other words, take another picture, leave the prompt out, or choose a gemini_model that makes pictures.',
  );
}
