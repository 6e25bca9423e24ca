import { VitrineError } from '../../contracts';
import { type Service, denied, providerError, rejected } from '../errors';
import type { ServiceFailure } from '../types';

/** What Google's APIs answer a failed request with, beside its words. */
interface ErrorAnswer {
  error?: { message?: unknown; details?: { reason?: unknown; retryDelay?: unknown; violations?: unknown }[] };
}

/** @param url where its API answers */
export function geminiAt(url: string): Service {
  return {
    name: 'Gemini',
    url,
    hints: {
      denied:
        'Check the key and its restrictions at https://aistudio.google.com/apikey, and that its project may use this model.',
      rejected: 'Change the prompt or the picture, or choose another model.',
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
  if (hasNoQuota(failure)) {
    return rejected(
      `The Gemini key has no quota for the model ${model} (429): ${words}`,
      'Waiting does not help: turn billing on for the project of the key at https://aistudio.google.com, or choose a model that it may use.',
    );
  }
  if (status !== 404) return providerError(failure, service);
  return new ModelGone(
    `Gemini has no model ${model}: ${words}`,
    'Choose another model, or set VITRINE_GEMINI_MODEL (for metadata VITRINE_GEMINI_VISION_MODEL): models are shut down after a while. https://ai.google.dev/gemini-api/docs/models lists them.',
  );
}

/** A model was asked for that is not there, or not any more. */
class ModelGone extends VitrineError {
  constructor(message: string, hint: string) {
    super({ code: 'PROVIDER_REJECTED', message, hint });
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof ModelGone;
}

/** A quota of nothing never passes, whatever wait is asked for. */
export function hasNoQuota(failure: ServiceFailure): boolean {
  if (failure.kind !== 'refused' || failure.status !== 429) return false;
  const { error } = (failure.body ?? {}) as ErrorAnswer;
  if (/\blimit:\s*0(?![.\d])/.test(String(error?.message ?? ''))) return true;
  const violations = detailsOf(failure.body).flatMap(({ violations }) =>
    Array.isArray(violations) ? violations : [],
  );
  return violations.some((each) => (each as { quotaValue?: unknown } | null)?.quotaValue === '0');
}

/** Seconds that a `RetryInfo` of the answer asks to wait, such as `"7.5s"`. */
export function retryInfo(body: unknown): number | undefined {
  const delay = detailsOf(body)
    .map(({ retryDelay }) => retryDelay)
    .find((text) => typeof text === 'string');
  const seconds = delay === undefined ? NaN : parseFloat(delay as string);
  return seconds >= 0 ? seconds : undefined;
}

function detailsOf(body: unknown): { reason?: unknown; retryDelay?: unknown; violations?: unknown }[] {
  const details = (body as ErrorAnswer | null | undefined)?.error?.details;
  return Array.isArray(details) ? details.filter(Boolean) : [];
}
