import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { type Config, type Job, type JobFile, VitrineError, cancelled, invalid } from '../../contracts';
import { download, tooLarge } from '../download';

/** Fields of a form beside its files, and the bytes of one. */
const MAX_FIELDS = 40;
const MAX_FIELD_BYTES = 64 * 1024;

type JobFiles = Record<string, JobFile>;

interface Submission {
  /** Paths in the job's folder of the files that came. */
  files: Record<string, string>;
  /** The parameters as they arrived: JSON, or every other form field as text. */
  body: unknown;
}

/**
 * Takes in what a job's request brings: JSON, or a form with its files or their addresses.
 * @param folder the job's own
 * @param signal aborted when the caller hangs up
 * @throws VitrineError INVALID_PARAMETER, TOO_LARGE, UNSUPPORTED_FORMAT, CANCELLED and what a download can say
 */
export async function receive(
  request: FastifyRequest,
  { input }: Job,
  folder: string,
  config: Config,
  signal: AbortSignal,
): Promise<Submission> {
  if (!('files' in input)) return { files: {}, body: jsonOf(request, input.example) };
  const [first] = Object.keys(input.files);
  if (!request.isMultipart())
    throw wrongType(
      request,
      'a multipart/form-data',
      `Send the picture as a form field, e.g. curl -F "${first}=@photo.jpg".`,
    );
  const form = await unlessAborted(signal, readForm(request, input.files, folder, config, signal));
  const { files, fields } = form;
  for (const [name, { address, required }] of Object.entries(input.files)) {
    const { [address]: url } = fields;
    delete fields[address];
    if (files[name] && url) throw invalid(address, 'left out when a file is sent', url);
    if (url) files[name] = await fetchInto(join(folder, `from-${address}`), url, config, signal);
    if (required && !files[name]) throw missing(name, address);
  }
  const { secrets } = fields;
  return { files, body: secrets ? { ...fields, secrets: fromJson(secrets) } : fields };
}

function jsonOf(request: FastifyRequest, example: string): unknown {
  if (/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return request.body;
  throw wrongType(
    request,
    'an application/json',
    `Send JSON: curl -H "Content-Type: application/json" -d '${example}'.`,
  );
}

async function readForm(
  request: FastifyRequest,
  expected: JobFiles,
  folder: string,
  config: Config,
  signal: AbortSignal,
): Promise<{ files: Record<string, string>; fields: Record<string, string> }> {
  const names = Object.keys(expected);
  const bytes = (name: string) => config.limits[expected[name].limit];
  const limits = {
    fileSize: Math.max(...names.map(bytes)),
    files: names.length,
    fields: MAX_FIELDS,
    fieldSize: MAX_FIELD_BYTES,
  };
  const fields: Record<string, string> = {};
  const files: Record<string, string> = {};
  try {
    for await (const part of request.parts({ limits })) {
      const { fieldname: name } = part;
      if (Object.hasOwn(fields, name) || Object.hasOwn(files, name))
        throw invalid(name, 'given once', 'the field twice');
      if (part.type === 'field') {
        fields[name] = String(part.value);
      } else if (!names.includes(name)) {
        const where = `in the form field ${names.join(' or ')}`;
        throw invalid('the picture', where, name, `Rename the form field ${name} to ${names.join(' or ')}.`);
      } else {
        const file = join(folder, `sent-${name}`);
        await pipeline(part.file, createWriteStream(file), { signal });
        if (part.file.truncated || part.file.bytesRead > bytes(name)) throw tooLarge(bytes(name));
        files[name] = file;
      }
    }
  } catch (error) {
    throw explain(error, names.length);
  }
  return { files, fields };
}

async function fetchInto(folder: string, url: string, config: Config, signal: AbortSignal): Promise<string> {
  await mkdir(folder);
  return (await download(url, folder, config, signal)).file;
}

/** The parser waits forever for the rest of a form whose sender has gone. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(cancelled());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What cannot be read is left as it is: the schema refuses it without quoting it. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function missing(name: string, address: string): VitrineError {
  const hint = `Send a picture in the form field ${name}, or its address in the field ${address}.`;
  return invalid(name, 'a picture', undefined, hint);
}

function wrongType(request: FastifyRequest, expected: string, hint: string): VitrineError {
  const type = request.headers['content-type'] ?? 'no content type';
  return new VitrineError({
    code: 'UNSUPPORTED_FORMAT',
    message: `Expected ${expected} request but received ${type}`,
    hint,
  });
}

function explain(error: unknown, files: number): unknown {
  const { code } = error as { code?: string };
  const most = `${files === 1 ? 'one file' : `${files} files`} and at most ${MAX_FIELDS} short fields`;
  if (code?.startsWith('FST_')) return invalid('the form', most, code);
  const { message } = error as Error;
  if (
    !(error instanceof VitrineError) &&
    /multipart|part terminated|unexpected end|boundary|header/i.test(message)
  ) {
    return invalid(
      'the form',
      'complete multipart/form-data',
      message,
      'Send the form again; the connection may have broken.',
    );
  }
  return error;
}
