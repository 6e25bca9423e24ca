import type { Readable } from 'node:stream';
import {
  type ErrorBody,
  type Job,
  type Progress,
  VitrineError,
  networkReason,
  retryAfterSeconds,
} from '../../contracts';
import { Silence } from './silence';
import { type Body, type Engine, type FormPart, type Message, NoConnection, type Reply } from './transport';
import type { JobSource, NamedUpload } from './types';

/** Characters that an answer may have without a line end; a result with thousands of links is one line. */
const MAX_LINE = 64 * 1024 ** 2;
/** Characters of an answer that are read at once: lists, and what an error says. */
const MAX_TEXT = 8 * 1024 ** 2;

/** Milliseconds for a list. */
const LIST_MS = 10_000;
/** Seconds to wait for an engine that is full and does not say for how long. */
export const BUSY_SECONDS = 2;

/** The engine refused or was not there before it took the job: another one may be asked. */
export class NotTaken extends Error {
  constructor(readonly reason: VitrineError) {
    super(reason.message);
  }
}

/** A job as it is sent: to its route, with its parameters and files. */
export interface Payload {
  job: Job;
  params: object;
  secrets?: object;
  files: Record<string, JobSource | undefined>;
  many?: Record<string, readonly NamedUpload[]>;
}

export interface SubmitOptions {
  signal: AbortSignal;
  onProgress?(event: Progress): void;
  /** Seconds without a sign of life after which the engine counts as lost; it gives one every ten. */
  silenceSeconds: number;
}

/**
 * Sends a job and follows its progress to the result.
 * @throws NotTaken when the job was certainly not begun; VitrineError otherwise
 */
export async function submit<Result>(
  engine: Engine,
  payload: Payload,
  { signal, onProgress, silenceSeconds }: SubmitOptions,
): Promise<Result> {
  const gone = new AbortController();
  const silence = new Silence(silenceSeconds, () =>
    gone.abort(lost(engine, `nothing came from it for ${silenceSeconds} s`)),
  );
  try {
    const { body } = await request(engine, payload.job.route, {
      method: 'POST',
      body: bodyOf(payload),
      headers: { Accept: 'application/x-ndjson' },
      signal: AbortSignal.any([signal, gone.signal]),
      onMove: silence.broken,
    });
    return await readResult<Result>(body, engine, silence.broken, onProgress);
  } catch (error) {
    throw gone.signal.aborted ? gone.signal.reason : error;
  } finally {
    silence.end();
  }
}

/** One request to an engine, with its token; answers of 400 and above are thrown. */
export async function request(
  engine: Engine,
  path: string,
  { method = 'GET', headers, ...rest }: Partial<Omit<Message, 'url'>> = {},
): Promise<Reply> {
  const authorization = engine.token && { Authorization: `Bearer ${engine.token}` };
  let reply: Reply;
  try {
    const message = { method, url: engine.url + path, headers: { ...headers, ...authorization }, ...rest };
    reply = await engine.send(message);
  } catch (error) {
    if (!(error instanceof NoConnection)) throw error;
    throw error.made ? lost(engine, error.code) : new NotTaken(unreachable(engine, error.code));
  }
  if (reply.status < 400) return reply;
  const error = await answeredError(reply, engine);
  throw reply.status === 503 || reply.status === 429 ? new NotTaken(error) : error;
}

/** @throws VitrineError what the engine answered, ENGINE_UNREACHABLE for what is no JSON; the reason of the signal */
export async function askJson(
  engine: Engine,
  path: string,
  signal = AbortSignal.timeout(LIST_MS),
): Promise<unknown> {
  const reply = await request(engine, path, { signal }).catch((error) => {
    throw error instanceof NotTaken ? error.reason : error;
  });
  try {
    return JSON.parse(await readText(reply.body, MAX_TEXT));
  } catch {
    throw stranger(engine, reply.status);
  }
}

function bodyOf({ job: { input }, params, secrets, files, many = {} }: Payload): Body {
  const expected = 'files' in input ? input.files : undefined;
  if (!expected && !Object.keys(many).length) return { json: { ...params, secrets } };
  const form: FormPart[] = [];
  for (const [name, value] of Object.entries(params))
    if (value !== undefined) form.push({ name, text: fieldOf(value) });
  if (secrets) form.push({ name: 'secrets', text: JSON.stringify(secrets) });
  for (const [name, source] of Object.entries(files)) {
    if (!source || !expected) continue;
    const { address, path = address } = expected[name];
    if ('url' in source) form.push({ name: address, text: source.url });
    else if ('path' in source) form.push({ name: path, text: source.path });
    else form.push({ name, file: source });
  }
  for (const [name, uploads] of Object.entries(many)) for (const file of uploads) form.push({ name, file });
  return { form };
}

/** A parameter as a field of a form: lists with commas between, other objects as JSON. */
function fieldOf(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? JSON.stringify(value) : String(value);
}

async function readResult<Result>(
  body: Readable,
  engine: Engine,
  onMove: () => void,
  onProgress?: (event: Progress) => void,
): Promise<Result> {
  let result: Result | undefined;
  try {
    // To the end, which follows at once: a connection that was read to its end can be used again.
    for await (const text of linesOf(body, onMove)) {
      if (result) break;
      const line = parseLine(text, engine);
      if (line.type === 'progress')
        onProgress?.({ stage: line.stage, fraction: line.fraction, message: line.message } as Progress);
      if (line.type === 'error') throw VitrineError.fromBody(line.error as ErrorBody);
      if (line.type === 'result') result = line.result as Result;
      if (line.type === 'result' && !isObject(result)) throw garbled(engine, text);
    }
  } catch (error) {
    if (error instanceof VitrineError || (error as Error).name === 'AbortError') throw error;
    if (!result) throw lost(engine, (error as NodeJS.ErrnoException).code);
  }
  if (result) return result;
  throw lost(engine, 'the answer ended early');
}

async function* linesOf(body: Readable, onMove: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    onMove();
    const lines = decoder.decode(chunk as Uint8Array, { stream: true }).split('\n');
    for (const line of lines.slice(0, -1)) {
      yield rest + line;
      rest = '';
    }
    rest += lines.at(-1);
    if (rest.length > MAX_LINE) throw new Error('no end of the line');
  }
  if (rest) yield rest;
}

function parseLine(text: string, engine: Engine): Record<string, unknown> {
  try {
    const line: unknown = JSON.parse(text);
    if (isObject(line) && (line.type !== 'error' || isErrorBody(line.error))) return line;
  } catch {
    // Said below.
  }
  throw garbled(engine, text);
}

/** What an answer of 400 and above says; one that is not ours is told from ours. */
async function answeredError({ status, headers, body }: Reply, engine: Engine): Promise<VitrineError> {
  const retryAfter = retryAfterSeconds(headers['retry-after']);
  try {
    const { error } = JSON.parse(await readText(body, MAX_TEXT)) as { error: unknown };
    if (isErrorBody(error)) return VitrineError.fromBody({ retryAfter, ...error });
  } catch {
    // Not ours: said below.
  }
  return stranger(engine, status, retryAfter);
}

function isErrorBody(error: unknown): error is ErrorBody {
  return isObject(error) && typeof error.code === 'string' && typeof error.message === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readText(stream: Readable, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > most) break;
  }
  return text;
}

/** What answers is no Vitrine engine. */
export function stranger({ url }: Pick<Engine, 'url'>, status: number, retryAfter?: number): VitrineError {
  return new VitrineError({
    code: 'ENGINE_UNREACHABLE',
    message: `${url} answered ${status}, but not as a Vitrine engine does`,
    hint: 'Check the URL in the Vitrine Engine credential: it must be the address of "vitrine serve".',
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** @param code of the system, or words */
export function unreachable({ url }: Pick<Engine, 'url'>, code = 'the connection broke'): VitrineError {
  return new VitrineError({
    code: 'ENGINE_UNREACHABLE',
    message: `No Vitrine engine answers at ${url}: ${networkReason(code)}`,
    hint: 'Start it with "vitrine serve", or correct the URL in the Vitrine Engine credential.',
  });
}

function lost({ url }: Engine, reason = 'the connection broke'): VitrineError {
  return new VitrineError({
    code: 'ENGINE_LOST',
    message: `The engine at ${url} went away while it worked on this item: ${networkReason(reason)}`,
    hint: 'Nobody knows whether the work was done, so it was not given to another engine. Run the item again.',
  });
}

function garbled({ url }: Engine, text: string): VitrineError {
  return new VitrineError({
    code: 'ENGINE_LOST',
    message: `${url} took the item and answered what no Vitrine engine says: ${JSON.stringify(text.slice(0, 60))}`,
    hint: 'Check that the URL in the Vitrine Engine credential is the address of "vitrine serve", then run the item again.',
  });
}
