import { setTimeout as sleep } from 'node:timers/promises';
import axios, { type AxiosError } from 'axios';
import { VitrineError } from '../../contracts';
import { outboundAgents } from '../outbound';
import type { EditOptions } from './edit';
import { blocked, explainStatus, failed, retryInfo } from './errors';

/** Seconds that one request may take; the largest pictures take about one minute. */
const TIMEOUT_SECONDS = 180;
/** Requests for one picture, the first included. */
const ATTEMPTS = 4;
/** Seconds before the second attempt; doubled for each one after it. */
const FIRST_PAUSE = 1;
/** A longer wait is the caller's to decide about. */
const MAX_PAUSE = 30;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const PASSES = [408, 429, 500, 502, 503, 504];

interface Attempt {
  answer?: unknown;
  error?: VitrineError;
  /** May be tried again. */
  passes?: boolean;
  /** Seconds that the server asks to wait. */
  wait?: number;
}

/**
 * `POST models/{model}:generateContent`. What may pass (408, 429, 5xx, broken connections) is tried four times at most,
 * with the pauses that the server asks for, as long as those are short.
 * @returns the parsed answer
 * @throws VitrineError as {@link editPicture} does
 */
export async function generateContent(body: object, options: EditOptions): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const { answer, error, passes, wait } = await once(body, options);
    if (!error) return answer;
    const pause = wait ?? FIRST_PAUSE * 2 ** (attempt - 1) * (1 + Math.random() / 2);
    if (!passes || attempt === ATTEMPTS || pause > MAX_PAUSE) throw error;
    await sleep(pause * 1000, undefined, { signal: options.signal }).catch(() => {
      throw VitrineError.from(options.signal.reason);
    });
  }
}

async function once(body: object, options: EditOptions): Promise<Attempt> {
  const { key, url, model, signal } = options;
  const { hostname } = new URL(url);
  const late = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
  try {
    const { status, data, headers } = await axios.request<unknown>({
      method: 'POST',
      url: `${url}/v1beta/models/${encodeURIComponent(model)}:generateContent`,
      data: body,
      headers: { 'x-goog-api-key': key, 'User-Agent': 'vitrine' },
      ...outboundAgents(hostname, options.allowHosts),
      // Nothing may lead the key somewhere else.
      maxRedirects: 0,
      proxy: false,
      validateStatus: () => true,
      maxContentLength: MAX_ANSWER_BYTES,
      maxBodyLength: Infinity,
      signal: AbortSignal.any([signal, late]),
    });
    if (status >= 300 && status < 400)
      return {
        error: failed(
          `${hostname} answered ${status} and points elsewhere, where the key is not sent`,
          'Correct VITRINE_GEMINI_URL.',
        ),
      };
    if (status < 300) return { answer: data };
    const wait = retryAfter(headers['retry-after']) ?? retryInfo(data);
    const error = explainStatus(status, data, wait, { model, hide: key });
    return { error, passes: PASSES.includes(status), wait };
  } catch (error) {
    if (signal.aborted) throw VitrineError.from(signal.reason);
    if (late.aborted) return { error: failed(`Gemini did not answer within ${TIMEOUT_SECONDS} s`) };
    // The axios error itself holds the headers and with them the key: only its words leave this place.
    const { code, message } = error as AxiosError;
    if (/maxContentLength/.test(message))
      return { error: failed(`Gemini's answer has more than ${MAX_ANSWER_BYTES / 1024 / 1024} MB`) };
    if (/is not allowed/i.test(message)) return { error: blocked(hostname) };
    return { error: failed(`No connection to Gemini at ${hostname}: ${code ?? 'it broke'}`), passes: true };
  }
}

/** Seconds of a Retry-After header, which may also be a date. */
function retryAfter(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
