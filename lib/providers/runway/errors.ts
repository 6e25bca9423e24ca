import type { VitrineError } from '../../contracts';
import { type Service, failed, providerError, rejected } from '../errors';
import type { ServiceFailure } from '../types';

/** Statuses that are asked again; the others are final. */
export const RUNWAY_PASSING: readonly number[] = [429, 502, 503, 504];

/** @param url where its API answers */
export function runwayAt(url: string): Service {
  return {
    name: 'Runway',
    url,
    hints: {
      denied:
        'Check the key at https://dev.runwayml.com: it begins with key_, and belongs to an organization.',
      rejected: 'Change the prompt, or choose another generator_model.',
      busy: "send fewer jobs at a time, or raise the tier of the key's organization.",
      failed: 'Run the job again later, or choose a preset that is drawn.',
      address: 'Correct VITRINE_RUNWAY_URL.',
    },
  };
}

/** The error for a failure of one of its requests. */
export function explain(failure: ServiceFailure, service: Service): VitrineError {
  if (failure.kind === 'refused' && failure.status === 402) {
    return rejected(
      `Runway has no credits left for this key (402): ${failure.words ?? 'they are used up'}`,
      'Buy credits at https://dev.runwayml.com (1 credit is $0.01), or choose a preset that is drawn.',
    );
  }
  return providerError(failure, service);
}

/** The error for a task that ended without a picture; what Runway's moderation stopped is never tried again. */
export function taskFailed(code: string, words: string, { hints }: Service): VitrineError {
  const reason = [words, code && `(${code})`].filter(Boolean).join(' ') || 'it does not say why';
  if (/^SAFETY\b/.test(code)) {
    return rejected(
      `Runway's moderation stopped the scene: ${reason}`,
      'It was paid for all the same, and repeating it can suspend the account: say the prompt in other words.',
    );
  }
  if (/^(INPUT|ASSET)\b|^INPUT_PREPROCESSING\b/.test(code))
    return rejected(`Runway could not use the request: ${reason}`, hints.rejected);
  return failed(`Runway could not make the scene: ${reason}`, hints.failed);
}

/** The error for an address of a picture that leads nowhere any more. */
export function pictureGone(failure: ServiceFailure, task: string, service: Service): VitrineError {
  if (failure.kind === 'refused' && [400, 401, 403, 404, 410].includes(failure.status)) {
    return failed(
      `The address of Runway's picture (task ${task}) has expired or was taken back (${failure.status})`,
      'Such addresses live for 24 to 48 hours. Run the job again; the scene is made anew.',
    );
  }
  return providerError(failure, { ...service, name: "Runway's store of pictures" });
}
