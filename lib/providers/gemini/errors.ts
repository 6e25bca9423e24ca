import type { VitrineError } from '../../contracts';
import { type Service, denied, providerError, rejected } from '../errors';
import type { ServiceFailure } from '../types';

/** What Google's APIs answer a failed request with, beside its words. */
interface ErrorAnswer {
  error?: { details?: { reason?: unknown; retryDelay?: unknown }[] };
}

/** @param url where its API answers */
export function geminiAt(url: string): Service {
  return {
    name: 'Gemini',
    url,
    hints: {
      denied:
        'Check the key and its restrictions at https://aistudio.google.com/apikey, and that its project may use this model.',
      rejected: 'Change the prompt or the picture, or choose another gemini_model.',
      busy: "send fewer pictures at a time, or raise the quota of the key's project.",
      failed: 'Run the job again later, or leave the prompt out to do without Gemini.',
      address: 'Correct VITRINE_GEMINI_URL.',
    },
  };
}

/** The error for a failure; Google says with 400 that a key is none, and with 404 that a model is gone. */
export function explain(failure: ServiceFailure, service: Service, model: string): VitrineError {
  if (failure.kind !== 'refused') return providerError(failure, service);
  const { status, words = `it answered ${status}`, body } = failure;
  if (detailsOf(body).some(({ reason }) => reason === 'API_KEY_INVALID')) return denied(words, service);
  if (status !== 404) return providerError(failure, service);
  return rejected(
    `Gemini has no model ${model}: ${words}`,
    'Choose another gemini_model, or set VITRINE_GEMINI_MODEL: models are shut down after a while. https://ai.google.dev/gemini-api/docs/models lists them.',
  );
}

/** Seconds that a `RetryInfo` of the answer asks to wait, such as `"7.5s"`. */
export function retryInfo(body: unknown): number | undefined {
  const delay = detailsOf(body)
    .map(({ retryDelay }) => retryDelay)
    .find((text) => typeof text === 'string');
  const seconds = delay === undefined ? NaN : parseFloat(delay as string);
  return seconds >= 0 ? seconds : undefined;
}

function detailsOf(body: unknown): { reason?: unknown; retryDelay?: unknown }[] {
  const details = (body as ErrorAnswer | null | undefined)?.error?.details;
  return Array.isArray(details) ? details.filter(Boolean) : [];
}
