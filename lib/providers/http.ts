import { setTimeout as sleep } from 'node:timers/promises';
import type { AxiosError } from 'axios';
import { PASSING_STATUSES, networkReason, throwIfAborted } from '../contracts';
import { FileFailure, TooLarge, readAnswer } from './answer';
import { loadAxios } from './lazy';
import { isBlocked, outboundAgents } from './outbound';
import type { ServiceAnswer, ServiceFailure, ServiceRequest } from './types';

/** Seconds before the second attempt; doubled for each one after it. */
const FIRST_PAUSE = 1;
/** Seconds; a longer wait is the caller's to decide about. */
const MAX_PAUSE = 30;

/**
 * The one way to ask a service elsewhere for something. What may pass (408, 425, 429, 5xx, broken connections) is
 * tried again, after the pause that the service asks for or longer and longer ones, as long as those are short. No
 * proxy is used: behind one, nobody can tell where a name leads.
 * @param explain makes the error of a failure; `providerError` knows the usual ones
 * @throws what `explain` makes; VitrineError when the signal is aborted; what the file system says about `file`
 */
export async function callService(
  request: ServiceRequest,
  explain: (failure: ServiceFailure) => Error,
): Promise<ServiceAnswer> {
  const { attempts, waiting = request.signal, passes = mayPass } = request;
  for (let attempt = 1; ; attempt++) {
    const result = await askOnce(request);
    if (!('kind' in result)) return result;
    const asked = result.kind === 'refused' ? result.retryAfter : undefined;
    const pause = asked ?? FIRST_PAUSE * 2 ** (attempt - 1);
    if (!passes(result) || attempt >= attempts || pause > MAX_PAUSE) throw explain(result);
    // Those who were refused together do not come back together.
    const milliseconds = pause * 1000 * (1 + Math.random() / 2);
    await sleep(milliseconds, undefined, { signal: waiting }).catch(() => throwIfAborted(waiting));
  }
}

/** What may pass by itself. */
export function mayPass(failure: ServiceFailure): boolean {
  if (failure.kind === 'refused') return PASSING_STATUSES.includes(failure.status);
  return failure.kind === 'broken' && failure.passes;
}

/**
 * One request, for callers who decide by themselves what is tried again; `attempts` does not count.
 * @throws VitrineError when the signal is aborted; what the file system says about `file`
 */
export async function askOnce(request: ServiceRequest): Promise<ServiceAnswer | ServiceFailure> {
  const {
    url,
    method = 'GET',
    headers = {},
    json,
    body,
    allowHosts,
    maxRedirects = 0,
    timeoutSeconds,
  } = request;
  throwIfAborted(request.signal);
  const late = AbortSignal.timeout(timeoutSeconds * 1000);
  const signal = AbortSignal.any([request.signal, late]);
  try {
    const response = await loadAxios().request({
      url,
      method,
      data: body ?? json,
      headers: { 'User-Agent': 'vitrine', ...rangeOf(request), ...headers },
      sensitiveHeaders: Object.keys(headers),
      ...outboundAgents(new URL(url).hostname, allowHosts),
      beforeRedirect: (options) => {
        const { httpAgent, httpsAgent } = outboundAgents(String(options.hostname), allowHosts);
        options.agents = { http: httpAgent, https: httpsAgent };
      },
      maxRedirects,
      proxy: false,
      responseType: 'stream',
      validateStatus: () => true,
      maxBodyLength: Infinity,
      signal,
    });
    return await readAnswer(response, request, signal);
  } catch (error) {
    throwIfAborted(request.signal);
    if (late.aborted) return { kind: 'late', seconds: timeoutSeconds };
    if (error instanceof FileFailure) throw error.cause;
    if (error instanceof TooLarge) return { kind: 'large', maxBytes: request.maxBytes };
    if (isBlocked(error)) return { kind: 'blocked' };
    // The axios error itself holds the headers, and with them keys: only its code leaves this place.
    const { code = '' } = error as AxiosError;
    const reason = networkReason(code) || 'the connection broke';
    return { kind: 'broken', reason, passes: !code.startsWith('ERR_FR_') };
  }
}

/** Nothing secret: these go wherever a redirect leads. */
function rangeOf({ resume }: ServiceRequest): Record<string, string> {
  if (!resume) return {};
  // A packed answer has other bytes each time.
  return { Range: `bytes=${resume.from}-`, 'If-Range': resume.validator, 'Accept-Encoding': 'identity' };
}
