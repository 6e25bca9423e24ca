import { VitrineError } from '../contracts';
import type { ServiceFailure } from './types';

/** What the usual errors say about a service. */
export interface Service {
  name: string;
  /** Where it answers; only the host shows. */
  url: string;
  hints: {
    /** The key was not accepted, or may not do this. */
    denied: string;
    /** It understood, and will not do it. */
    rejected: string;
    /** It takes no more requests for now; follows "Try again in 30 s, ". */
    busy: string;
    /** Something broke on the way or over there. */
    failed: string;
    /** `url` is wrong: how to correct it. */
    address: string;
  };
}

/** The error for a failure of a service, where nothing more is known about it. */
export function providerError(failure: ServiceFailure, service: Service): VitrineError {
  const { name, hints } = service;
  const { hostname } = new URL(service.url);
  switch (failure.kind) {
    case 'refused':
      return refused(failure, service);
    case 'blocked':
      return new VitrineError({
        code: 'ADDRESS_BLOCKED',
        message: `${hostname}, where ${name} should answer, is not a public address`,
        hint: `${hints.address} Or correct the name server, or add the host to VITRINE_ALLOW_HOSTS.`,
      });
    case 'redirected':
      return failed(
        `${hostname} answered ${failure.status} and points elsewhere, where the key is not sent`,
        hints.address,
      );
    case 'late':
      return failed(`${name} did not answer within ${failure.seconds} s`, hints.failed);
    case 'large':
      return failed(`The answer of ${name} has more than ${failure.maxBytes / 1024 / 1024} MB`, hints.failed);
    case 'broken':
      return failed(`No connection to ${name} at ${hostname}: ${failure.reason}`, hints.failed);
  }
}

function refused(
  { status, words = `it answered ${status}`, retryAfter }: Extract<ServiceFailure, { kind: 'refused' }>,
  service: Service,
): VitrineError {
  const { name, hints } = service;
  if (status === 401 || status === 403) return denied(words, service);
  if (status === 429) {
    const wait = retryAfter === undefined ? undefined : Math.ceil(retryAfter);
    return new VitrineError({
      code: 'PROVIDER_BUSY',
      message: `${name} takes no more requests of this key for now (429): ${words}`,
      hint: `Try again in ${wait === undefined ? 'a while' : `${wait} s`}, ${hints.busy}`,
      ...(wait !== undefined && { retryAfter: wait }),
    });
  }
  if (status < 500) return rejected(`${name} refused the request (${status}): ${words}`, hints.rejected);
  return failed(`${name} could not do it (${status}): ${words}`, hints.failed);
}

/** @param reason fit to be shown */
export function denied(reason: string, { name, hints }: Service): VitrineError {
  return new VitrineError({
    code: 'PROVIDER_DENIED',
    message: `${name} did not accept the key: ${reason}`,
    hint: hints.denied,
  });
}

/** The service understood, and will not do it: trying again is no use. */
export function rejected(message: string, hint: string): VitrineError {
  return new VitrineError({ code: 'PROVIDER_REJECTED', message, hint });
}

/** Something broke on the way or over there. */
export function failed(message: string, hint: string): VitrineError {
  return new VitrineError({ code: 'PROVIDER_FAILED', message, hint });
}
