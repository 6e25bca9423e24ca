import { rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type VitrineError, throwIfAborted } from '../contracts';
import { askOnce, mayPass } from './http';
import type { AnswerHead, ServiceFailure } from './types';

/** Attempts in a row that bring nothing new. */
const MAX_IDLE_ATTEMPTS = 4;
/** Seconds before the next attempt; doubled for each one that brings nothing new. */
const FIRST_PAUSE = 0.5;

/** A large file of a web address. */
export interface FileRequest {
  /** http or https. */
  url: string;
  /** Where it is written. */
  file: string;
  maxBytes: number;
  /** Hosts, addresses and networks that may be reached besides public ones. */
  allowHosts: readonly string[];
  /** Redirects that are followed, each of them to an allowed address. */
  maxRedirects: number;
  /** For each attempt. */
  timeoutSeconds: number;
  signal: AbortSignal;
  /** @param total undefined where the server does not tell */
  onProgress?(received: number, total?: number): void;
  /** Told of each answer before its body is read; what it throws ends the download. */
  onHead?(head: AnswerHead): void;
}

/**
 * Downloads a file, and goes on where it was when the connection breaks: only the rest is asked for, and only where the
 * server says that it is still the same file.
 * @returns the head of the last answer
 * @throws what `explain` makes, what `onHead` throws, what the file system says; no file is left then
 */
export async function fetchFile(
  request: FileRequest,
  explain: (failure: ServiceFailure) => VitrineError,
): Promise<AnswerHead> {
  try {
    return await fetchWhole(request, explain);
  } catch (error) {
    await rm(request.file, { force: true });
    throw error;
  }
}

async function fetchWhole(
  request: FileRequest,
  explain: (failure: ServiceFailure) => VitrineError,
): Promise<AnswerHead> {
  const { url, file, maxBytes, allowHosts, maxRedirects, timeoutSeconds, signal, onProgress, onHead } =
    request;
  let head: AnswerHead | undefined;
  let refusal: unknown;
  let received = 0;
  let total: number | undefined;
  for (let idle = 0; ;) {
    const before = received;
    const validator = head && validatorOf(head);
    const result = await askOnce({
      ...{ url, file, maxBytes, allowHosts, maxRedirects, timeoutSeconds, signal },
      attempts: 1,
      ...(validator && received > 0 && { resume: { from: received, validator } }),
      onHead: (answer) => {
        head = answer;
        received = answer.status === 206 ? received : 0;
        total = totalOf(answer);
        try {
          if (total !== undefined && total > maxBytes) throw explain({ kind: 'large', maxBytes });
          onHead?.(answer);
        } catch (error) {
          refusal = error;
          throw error;
        }
      },
      onBytes: (bytes) => {
        received = bytes;
        onProgress?.(bytes, total);
      },
    });
    if (refusal) throw refusal;
    if (!('kind' in result)) return head!;
    idle = received > before ? 0 : idle + 1;
    const isLate = result.kind === 'late' && received > before;
    if (!(mayPass(result) || isLate) || idle >= MAX_IDLE_ATTEMPTS) throw explain(result);
    if (received > 0) received = Math.min(received, (await stat(file)).size);
    const seconds = FIRST_PAUSE * 2 ** idle;
    await sleep(seconds * 1000, undefined, { signal }).catch(() => throwIfAborted(signal));
  }
}

/** What tells that a file is still the same; weak tags do not, for bytes (RFC 9110, 13.1.5). */
function validatorOf({ headers }: AnswerHead): string | undefined {
  const { etag } = headers;
  return etag && !etag.startsWith('W/') ? etag : headers['last-modified'];
}

/** Bytes of the whole file. */
function totalOf({ headers, status }: AnswerHead): number | undefined {
  const text =
    status === 206 ? /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length'];
  // Of a packed answer, the length is another one.
  return text === undefined || (headers['content-encoding'] ?? 'identity') !== 'identity'
    ? undefined
    : Number(text);
}
