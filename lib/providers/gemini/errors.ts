import { VitrineError } from '../../contracts';

/** What Google's APIs answer a failed request with. */
interface ErrorAnswer {
  error?: {
    message?: unknown;
    details?: { reason?: unknown; retryDelay?: unknown }[];
  };
}

/** Characters of Google's own words that are passed on. */
const MAX_WORDS = 300;
/** Seconds, a day: a longer wait that is asked for, such as one without end, is no use to anybody. */
const MAX_WAIT = 86_400;

/** The key was not accepted, or may not do this. */
export function denied(reason: string): VitrineError {
  return new VitrineError({
    code: 'PROVIDER_DENIED',
    message: `Gemini did not accept the key: ${reason}`,
    hint: 'Check the key and its restrictions at https://aistudio.google.com/apikey, and that its project may use this model.',
  });
}

/** Said before a key that can be none is sent anywhere. */
export function unusableKey(): VitrineError {
  return denied('it has blanks, line ends or other characters that no key has');
}

/** Gemini understood, and will not do it: trying again is no use. */
export function rejected(message: string, hint: string): VitrineError {
  return new VitrineError({ code: 'PROVIDER_REJECTED', message, hint });
}

/** @param seconds after which Gemini takes requests again, where it said so */
export function busy(seconds: number | undefined, reason: string): VitrineError {
  const wait = seconds === undefined ? undefined : Math.min(Math.ceil(seconds), MAX_WAIT);
  const when = wait === undefined ? 'a while' : `${wait} s`;
  return new VitrineError({
    code: 'PROVIDER_BUSY',
    message: `Gemini takes no more requests of this key for now (429): ${reason}`,
    hint: `Try again in ${when}, send fewer pictures at a time, or raise the quota of the key's project.`,
    ...(wait !== undefined && { retryAfter: wait }),
  });
}

/** @param hostname leads to an address that is not public */
export function blocked(hostname: string): VitrineError {
  return new VitrineError({
    code: 'ADDRESS_BLOCKED',
    message: `${hostname}, where Gemini should answer, is not a public address`,
    hint: 'Correct VITRINE_GEMINI_URL or the name server, or add the host to VITRINE_ALLOW_HOSTS.',
  });
}

/** Something broke on the way or over there. */
export function failed(message: string, hint?: string): VitrineError {
  return new VitrineError({
    code: 'PROVIDER_FAILED',
    message,
    hint: hint ?? 'Run the job again later, or leave the prompt out to do without Gemini.',
  });
}

/**
 * The error for an answer of 400 or above.
 * @param body as it came; JSON where Google itself answered
 * @param hide a text that must not show, should the answer repeat it
 */
export function explainStatus(
  status: number,
  body: unknown,
  retryAfter: number | undefined,
  { model, hide }: { model: string; hide: string },
): VitrineError {
  const { message, details } = (body as ErrorAnswer | undefined)?.error ?? {};
  const words =
    typeof message === 'string'
      ? message.replaceAll(hide, '***').slice(0, MAX_WORDS)
      : `it answered ${status}`;
  const badKey = Array.isArray(details) && details.some((detail) => detail?.reason === 'API_KEY_INVALID');
  if (badKey || status === 401 || status === 403) return denied(words);
  if (status === 429) return busy(retryAfter, words);
  if (status === 404) {
    return rejected(
      `Gemini has no model ${model}: ${words}`,
      'Choose another gemini_model, or set VITRINE_GEMINI_MODEL: models are shut down after a while. https://ai.google.dev/gemini-api/docs/models lists them.',
    );
  }
  if (status < 500)
    return rejected(
      `Gemini refused the request (${status}): ${words}`,
      'Change the prompt or the picture, or choose another gemini_model.',
    );
  return failed(`Gemini could not do it (${status}): ${words}`);
}

/** Seconds that a `RetryInfo` of the answer asks to wait, such as `"7.5s"`. */
export function retryInfo(body: unknown): number | undefined {
  const { details } = (body as ErrorAnswer | undefined)?.error ?? {};
  if (!Array.isArray(details)) return undefined;
  const delay = details.map((detail) => detail?.retryDelay).find((text) => typeof text === 'string');
  const seconds = delay === undefined ? NaN : parseFloat(delay as string);
  return seconds >= 0 ? seconds : undefined;
}
