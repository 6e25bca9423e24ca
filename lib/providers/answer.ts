import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AxiosResponse } from 'axios';
import { UNPRINTABLE, redact, retryAfterSeconds } from '../contracts';
import type { ServiceAnswer, ServiceFailure, ServiceRequest } from './types';

/** Bytes that are read of a refusal. */
const MAX_REFUSAL_BYTES = 64 * 1024;
/** Characters of a service's own words that are passed on. */
const MAX_WORDS = 300;
/** Seconds, a day: a longer wait that is asked for, such as one without end, is no use to anybody. */
const MAX_WAIT = 86_400;

/** The answer has more bytes than the request allows. */
export class TooLarge extends Error {}

/** The file system refused to take the answer; `cause` says why. */
export class FileFailure extends Error {}

/**
 * Reads an answer as far as the request allows.
 * @throws TooLarge; FileFailure; what the connection breaks with
 */
export async function readAnswer(
  { status, headers, data, request: sent }: AxiosResponse<Readable>,
  request: ServiceRequest,
  signal: AbortSignal,
): Promise<ServiceAnswer | ServiceFailure> {
  if (status >= 300 && status < 400) {
    data.destroy();
    return { kind: 'redirected', status };
  }
  if (status >= 400) {
    const text = await beginning(data);
    const body = parseJson(text);
    const wait = retryAfterSeconds(headers['retry-after']) ?? request.retryAfterOf?.(body);
    const retryAfter = wait === undefined ? undefined : Math.min(wait, MAX_WAIT);
    return {
      kind: 'refused',
      status,
      body,
      words: wordsOf(body, request.hide ?? []),
      ...(body === undefined && { page: text }),
      retryAfter,
    };
  }
  const url = (sent as { res?: { responseUrl?: string } } | undefined)?.res?.responseUrl ?? request.url;
  try {
    request.onHead?.({ status, headers: headers as Record<string, string | undefined>, url });
  } catch (error) {
    data.destroy();
    throw error;
  }
  if (request.file === undefined) {
    const chunks: Buffer[] = [];
    await receive(data, 0, request, signal, (chunk) => chunks.push(chunk));
    return { status, body: Buffer.concat(chunks) };
  }
  // A server that does not resume, or has something else by now, sends all of it.
  const from = status === 206 && request.resume ? request.resume.from : 0;
  await intoFile(request.file, from, (keep) => receive(data, from, request, signal, keep));
  return { status, body: Buffer.alloc(0) };
}

type Keep = (chunk: Buffer) => unknown;

async function receive(
  data: Readable,
  from: number,
  { maxBytes, onBytes }: ServiceRequest,
  signal: AbortSignal,
  keep: Keep,
): Promise<void> {
  let received = from;
  const sink = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      received += chunk.length;
      if (received > maxBytes) throw new TooLarge();
      await keep(chunk);
      onBytes?.(received);
    }
  };
  await pipeline(data, sink, { signal });
}

/** @param from bytes of the file that stay */
async function intoFile(path: string, from: number, fill: (keep: Keep) => Promise<void>): Promise<void> {
  const refused = (error: unknown) => {
    throw new FileFailure('', { cause: error });
  };
  const file = await open(path, from > 0 ? 'r+' : 'w').catch(refused);
  let at = from;
  const keep = async (chunk: Buffer) => {
    for (let written = 0; written < chunk.length;)
      written += (await file.write(chunk, written, chunk.length - written, at + written).catch(refused))
        .bytesWritten;
    at += chunk.length;
  };
  try {
    await fill(keep);
  } finally {
    await file.close().catch(refused);
  }
}

async function beginning(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= MAX_REFUSAL_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

/** JSON of a service; undefined where it is something else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A proxy's page, or cut off: whoever asked says what is missing.
  }
}

/** Where services put their words: `error.message` (Google), `error` (Runway), `message` beside a short `error` (Supabase). */
function wordsOf(body: unknown, hide: readonly string[]): string | undefined {
  const { error, message } = (body ?? {}) as { error?: unknown; message?: unknown };
  const inside = (error as { message?: unknown } | null | undefined)?.message;
  const said = [inside, error, message].filter((text) => typeof text === 'string' && text);
  return said.length ? fitToShow([...new Set(said)].join(': '), hide) : undefined;
}

function fitToShow(text: string, hide: readonly string[]): string {
  const spellings = hide.filter(Boolean).flatMap((key) => [key, encodeURIComponent(key)]);
  const hidden = spellings.reduce((words, key) => words.replaceAll(key, '***'), text);
  return redact(hidden).replace(UNPRINTABLE, ' ').slice(0, MAX_WORDS);
}
