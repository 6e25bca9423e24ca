import { callService } from '../http';
import type { ServiceRequest } from '../types';
import { CallFailed, supabasePasses } from './errors';

/** Seconds for one request; a slow line needs them for a large file. */
const TIMEOUT_SECONDS = 120;
const ATTEMPTS = 5;
/** Bytes of an answer that is kept in memory: a thousand entries of a list have less than one tenth of it. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** How a project is reached. */
export interface SupabaseAccess {
  /** Where it answers, without a slash at the end. */
  url: string;
  /** Sent in headers to `url`, and to nobody else. */
  key: string;
  /** Hosts and networks that may be reached besides public ones. */
  allowHosts: readonly string[];
  signal: AbortSignal;
  /** Ends the waits between requests; default: `signal`. For uploads that must not be broken off. */
  waiting?: AbortSignal;
  /** For one request; default 120. */
  timeoutSeconds?: number;
}

/** What every request to a project has in common. */
export function requestOf({ key, allowHosts, signal, waiting, timeoutSeconds }: SupabaseAccess) {
  return {
    hide: [key],
    allowHosts,
    signal,
    waiting,
    timeoutSeconds: timeoutSeconds ?? TIMEOUT_SECONDS,
    attempts: ATTEMPTS,
    passes: supabasePasses,
    maxBytes: MAX_ANSWER_BYTES,
  } satisfies Partial<ServiceRequest>;
}

/**
 * What the library asks with, in place of the built-in `fetch`, which would go to any address: through `callService`,
 * with its guard and its further attempts. It throws CallFailed for every answer that is none.
 */
export function fetchThrough(access: SupabaseAccess): typeof fetch {
  return async (input, { method = 'GET', headers, body } = {}) => {
    const answer = await callService(
      {
        ...requestOf(access),
        url: new URL(input as string).href,
        method: method as ServiceRequest['method'],
        headers: Object.fromEntries(new Headers(headers)),
        body: typeof body === 'string' ? Buffer.from(body) : (body as unknown as Buffer | undefined),
      },
      (failure) => new CallFailed(failure),
    );
    const empty = [204, 205].includes(answer.status);
    return new Response(empty ? null : new Uint8Array(answer.body), { status: answer.status });
  };
}
