import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import axios, { type AxiosError, type AxiosRequestConfig } from 'axios';
import FormData from 'form-data';
import {
  type ErrorBody,
  type Job,
  type JobFile,
  type Progress,
  VitrineError,
  isLoopback,
} from '../../contracts';
import type { JobSource, NamedUpload, Upload } from './types';

export interface Address {
  url: string;
  token?: string;
}

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

/**
 * Sends a job and follows its progress to the result.
 * @throws NotTaken when the job was certainly not begun; VitrineError otherwise
 */
export async function submit<Result>(
  engine: Address,
  payload: Payload,
  options: { signal: AbortSignal; onProgress?(event: Progress): void },
): Promise<Result> {
  // A photo that breaks off on our side must end the request: the engine would wait for the rest of it.
  const broken = new AbortController();
  const { input } = payload.job;
  const isForm = 'files' in input || payload.many !== undefined;
  const { data, headers } = isForm
    ? await formOf(payload, 'files' in input ? input.files : {}, (error) => broken.abort(error))
    : {
        data: { ...payload.params, secrets: payload.secrets },
        headers: { 'Content-Type': 'application/json' },
      };

  const response = await request(engine, {
    method: 'POST',
    url: payload.job.route,
    data,
    headers: { ...headers, Accept: 'application/x-ndjson' },
    responseType: 'stream',
    maxBodyLength: Infinity,
    signal: AbortSignal.any([options.signal, broken.signal]),
  });
  return readResult<Result>(response.data as Readable, engine, options.onProgress);
}

async function formOf(
  { params, secrets, files, many = {} }: Payload,
  expected: Record<string, JobFile>,
  onBroken: (error: VitrineError) => void,
): Promise<{ data: FormData; headers: FormData.Headers }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(params))
    if (value !== undefined) form.append(name, fieldOf(value));
  if (secrets) form.append('secrets', JSON.stringify(secrets));
  for (const [name, source] of Object.entries(files)) {
    if (!source) continue;
    const { address, path = address } = expected[name];
    if ('url' in source) form.append(address, source.url);
    else if ('path' in source) form.append(path, source.path);
    else await appendUpload(form, name, source, (error) => onBroken(unreadable(source.fileName, error)));
  }
  for (const [name, uploads] of Object.entries(many))
    for (const upload of uploads)
      appendOneOfMany(form, name, upload, (error) => onBroken(unreadable(upload.fileName, error)));
  return { data: form, headers: form.getHeaders() };
}

/** A parameter as a field of a form: lists with commas between, other objects as JSON. */
function fieldOf(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? JSON.stringify(value) : String(value);
}

/** One request to an engine, with its token; answers of 400 and above are thrown. */
export async function request(engine: Address, config: AxiosRequestConfig) {
  const headers = { ...config.headers, ...(engine.token && { Authorization: `Bearer ${engine.token}` }) };
  let response;
  try {
    response = await axios.request({ ...config, ...route(engine.url), headers, validateStatus: () => true });
  } catch (error) {
    throw connectionError(error as AxiosError, engine, config.signal as AbortSignal | undefined);
  }
  if (response.status < 400) return response;
  const error = await answeredError(response.data, response.status, engine);
  throw response.status === 503 || response.status === 429 ? new NotTaken(error) : error;
}

/** Loopback is never reached through a proxy, and no engine redirects. */
export function route(url: string): AxiosRequestConfig {
  return { baseURL: url, maxRedirects: 0, ...(isLoopback(new URL(url).hostname) && { proxy: false }) };
}

async function appendUpload(
  form: FormData,
  name: string,
  source: Upload,
  onBroken: (error: Error) => void,
): Promise<void> {
  const stream = await source.open();
  stream.on('error', onBroken);
  form.append(name, stream, {
    filename: source.fileName,
    contentType: source.mimeType,
    knownLength: source.size,
  });
}

/** Each is opened when its turn has come: thousands of open files would be too many. */
function appendOneOfMany(
  form: FormData,
  name: string,
  { open, fileName, mimeType, size }: NamedUpload,
  onBroken: (error: Error) => void,
): void {
  const whenItsTurnComes = (next: (stream: Readable) => void) => {
    const opened = Promise.resolve().then(open);
    opened.then((stream) => next(stream.on('error', onBroken)), onBroken);
  };
  form.append(name, whenItsTurnComes, { filepath: fileName, contentType: mimeType, knownLength: size });
}

async function readResult<Result>(
  body: Readable,
  engine: Address,
  onProgress?: (event: Progress) => void,
): Promise<Result> {
  try {
    for await (const text of createInterface({ input: body })) {
      const line = JSON.parse(text);
      if (line.type === 'progress')
        onProgress?.({ stage: line.stage, fraction: line.fraction, message: line.message });
      if (line.type === 'error') throw VitrineError.fromBody(line.error as ErrorBody);
      if (line.type === 'result') return line.result as Result;
    }
  } catch (error) {
    if (error instanceof VitrineError) throw error;
    throw axios.isCancel(error) ? error : lost(engine, (error as NodeJS.ErrnoException).code);
  }
  throw lost(engine, 'the answer ended early');
}

async function answeredError(data: unknown, status: number, engine: Address): Promise<VitrineError> {
  const text =
    typeof data === 'object' && data && 'pipe' in data
      ? await readText(data as Readable)
      : JSON.stringify(data);
  try {
    const { error } = JSON.parse(text) as { error: ErrorBody };
    if (typeof error.code === 'string' && typeof error.message === 'string')
      return VitrineError.fromBody(error);
  } catch {
    // Not ours: said below.
  }
  return new VitrineError({
    code: 'ENGINE_UNREACHABLE',
    message: `${engine.url} answered ${status}, but not as a Vitrine engine does`,
    hint: 'Check the URL in the Vitrine Engine credential: it must be the address of "vitrine serve".',
  });
}

async function readText(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    if (text.length > 64 * 1024) break;
  }
  return text;
}

/** A connection that was never made leaves the job undone; one that broke may not. */
function connectionError(error: AxiosError, engine: Address, signal?: AbortSignal): Error {
  if (signal?.aborted) return signal.reason instanceof Error ? signal.reason : error;
  const unmade = [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ETIMEDOUT',
  ].includes(error.code ?? '');
  return unmade ? new NotTaken(unreachable(engine, error.code)) : lost(engine, error.code);
}

function unreadable(fileName: string, error: Error): VitrineError {
  return new VitrineError(
    {
      code: 'FETCH_FAILED',
      message: `${fileName} could not be read: ${(error as NodeJS.ErrnoException).code ?? 'its stream broke'}`,
      hint: 'Run the step that made it again; the file may be gone or damaged.',
    },
    { cause: error },
  );
}

function unreachable(engine: Address, code?: string): VitrineError {
  return new VitrineError({
    code: 'ENGINE_UNREACHABLE',
    message: `No Vitrine engine answers at ${engine.url} (${code})`,
    hint: 'Start it with "vitrine serve", or correct the URL in the Vitrine Engine credential.',
  });
}

function lost(engine: Address, reason?: string): VitrineError {
  return new VitrineError({
    code: 'ENGINE_LOST',
    message: `The engine at ${engine.url} went away while it worked on this picture (${reason ?? 'the connection broke'})`,
    hint: 'Run the item again: a new engine is started or another one is asked.',
  });
}
