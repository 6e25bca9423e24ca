import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfAborted } from '../../contracts';
import { askOnce } from '../http';
import type { ServiceAnswer, ServiceFailure } from '../types';
import type { Sign } from './sign';

export { type Sign, signer } from './sign';

/** Seconds before each attempt after the first: a receiver that is started anew, or mended, is still reached. */
const PAUSES = [1, 5, 15, 60, 300, 900];
/** Seconds; who asks to wait for longer is not called again. */
const MAX_PAUSE = 3600;
/** Seconds before each further attempt once there is little time left. */
const SHORT_PAUSE = 1;
/** Seconds that a receiver may take for one attempt. */
const TIMEOUT = 10;
/** Bytes that are read of an answer, in which nothing is of interest. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Statuses that pass by themselves, besides those from 500 up. */
const PASSING = [408, 425, 429];

/** Something that a receiver is to be told once. */
export interface Callback {
  url: string;
  /** The same for every attempt, by which a receiver knows what it has been told before. */
  id: string;
  /** JSON; the very bytes that are sent. */
  body: Buffer;
  /** Left out: it is not signed. */
  sign?: Sign;
}

export interface CallbackOptions {
  /** Hosts, addresses and networks that may be reached besides public ones. */
  allowHosts: readonly string[];
  /** Ends it at once. */
  signal: AbortSignal;
  /** Once aborted, pauses end and further ones are short. */
  hurry: AbortSignal;
  /** Seconds, one for each attempt after the first; and for one attempt. Left out: those of this file. */
  pauses?: readonly number[];
  timeoutSeconds?: number;
  /** Told before each attempt, from 1. */
  onAttempt?(attempt: number): void;
}

/** How it went in the end; `reason` continues "it was not delivered: ". */
export type Delivery = { delivered: true } | { delivered: false; reason: string };

/**
 * Tells a receiver something by POST until it answers 200 to 299: what may pass (refused and broken connections, no
 * answer in time, 408, 425, 429, 500 and above) is tried again after longer and longer pauses, or after the one that the
 * receiver asks for. Redirects are not followed.
 * @throws VitrineError when the signal is aborted
 */
export async function deliverCallback(
  { url, id, body, sign }: Callback,
  { allowHosts, signal, hurry, pauses = PAUSES, timeoutSeconds = TIMEOUT, onAttempt }: CallbackOptions,
): Promise<Delivery> {
  for (let attempt = 1; ; attempt++) {
    onAttempt?.(attempt);
    const at = new Date();
    const sent = await askOnce({
      method: 'POST',
      url,
      headers: {
        'Content-Type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        ...sign?.(id, at, body),
      },
      body,
      allowHosts,
      timeoutSeconds,
      attempts: 1,
      maxBytes: MAX_ANSWER_BYTES,
      signal,
    });
    if (!isMissed(sent)) return { delivered: true };
    const pause = (sent.kind === 'refused' ? sent.retryAfter : undefined) ?? pauses[attempt - 1];
    if (!passes(sent) || attempt > pauses.length || pause > MAX_PAUSE)
      return { delivered: false, reason: reasonOf(sent) };
    await rest(pause, signal, hurry);
  }
}

/** Why a receiver was not told. An answer that is too long to be read is one, too. */
type Missed = Exclude<ServiceFailure, { kind: 'large' }>;

function isMissed(sent: ServiceAnswer | ServiceFailure): sent is Missed {
  return 'kind' in sent && sent.kind !== 'large';
}

function passes(failure: Missed): boolean {
  if (failure.kind === 'refused') return failure.status >= 500 || PASSING.includes(failure.status);
  return failure.kind === 'late' || (failure.kind === 'broken' && failure.passes);
}

/** Those who were refused together do not come back together. */
async function rest(seconds: number, signal: AbortSignal, hurry: AbortSignal): Promise<void> {
  const milliseconds = (pause: number) => pause * 1000 * (1 + Math.random() / 4);
  if (!hurry.aborted) {
    const either = AbortSignal.any([signal, hurry]);
    await sleep(milliseconds(seconds), undefined, { signal: either }).catch(() => throwIfAborted(signal));
  } else {
    const short = Math.min(seconds, SHORT_PAUSE);
    await sleep(milliseconds(short), undefined, { signal }).catch(() => throwIfAborted(signal));
  }
}

function reasonOf(failure: Missed): string {
  switch (failure.kind) {
    case 'refused':
      return `it answered ${failure.status}`;
    case 'redirected':
      return `it answered ${failure.status} and points elsewhere, where callbacks do not go`;
    case 'blocked':
      return 'it is not a public address; VITRINE_ALLOW_HOSTS opens others';
    case 'late':
      return `it did not answer within ${failure.seconds} s`;
    case 'broken':
      return failure.reason;
  }
}
