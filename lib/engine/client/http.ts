import type { Readable } from 'node:stream';
import axios, { type AxiosError, type AxiosRequestConfig } from 'axios';
import FormData from 'form-data';
import { VitrineError, isLoopback } from '../../contracts';
import { type FormPart, type Message, NoConnection, type Reply } from './transport';
import type { Upload } from './types';

/** What happens to a name that nobody knows or a port that nobody listens at, and to nothing that was connected. */
const NEVER_MADE = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/** The way to engines of whoever may open connections: see {@link Send}. */
export async function sendByHttp({ method, url, headers, body, signal, onMove }: Message): Promise<Reply> {
  // A photo that breaks off on our side must end the request: the engine would wait for the rest of it.
  const broken = new AbortController();
  const form = body && 'form' in body ? await formOf(body.form, (error) => broken.abort(error)) : undefined;
  const either = AbortSignal.any(signal ? [signal, broken.signal] : [broken.signal]);
  onMove?.();
  try {
    const response = await axios.request<Readable>({
      ...{ method, url, signal: either, validateStatus: () => true, maxRedirects: 0 },
      headers: { ...headers, ...form?.getHeaders() },
      data: form ?? (body && 'json' in body ? body.json : undefined),
      responseType: 'stream',
      maxBodyLength: Infinity,
      ...(onMove && { onUploadProgress: onMove }),
      ...direct(url),
    });
    return { status: response.status, headers: response.headers, body: response.data };
  } catch (error) {
    if (either.aborted) throw either.reason;
    throw new NoConnection(wasMade(error as AxiosError), (error as AxiosError).code);
  }
}

/** Loopback is never reached through a proxy. */
function direct(url: string): AxiosRequestConfig {
  return isLoopback(new URL(url).hostname) ? { proxy: false } : {};
}

function wasMade({ code = '', cause }: AxiosError): boolean {
  if (NEVER_MADE.includes(code)) return false;
  const { syscall, errors } = (cause ?? {}) as NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] };
  // Of a host with several addresses, each was tried.
  const calls = errors ? errors.map((each) => each.syscall) : [syscall];
  return !calls.every((call) => call === 'connect' || call === 'getaddrinfo');
}

async function formOf(
  parts: readonly FormPart[],
  onBroken: (error: VitrineError) => void,
): Promise<FormData> {
  const form = new FormData();
  for (const part of parts) {
    if ('text' in part) form.append(part.name, part.text);
    else await appendFile(form, part.name, part.file, onBroken);
  }
  return form;
}

/** Those of known size are opened when their turn has come: thousands of open files would be too many. */
async function appendFile(
  form: FormData,
  name: string,
  { open, fileName, mimeType, size }: Upload,
  onBroken: (error: VitrineError) => void,
): Promise<void> {
  const fail = (error: Error) => onBroken(unreadable(fileName, error));
  const options = { filepath: fileName, contentType: mimeType, knownLength: size };
  if (size === undefined) {
    form.append(name, (await open()).on('error', fail), options);
    return;
  }
  const whenItsTurnComes = (next: (stream: Readable) => void) => {
    const opened = Promise.resolve().then(open);
    opened.then((stream) => next(stream.on('error', fail)), fail);
  };
  form.append(name, whenItsTurnComes, options);
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
