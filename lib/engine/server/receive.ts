import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import { type Config, type Job, type JobFile, VitrineError, invalid, isSecretName } from '../../contracts';
import { download } from '../download';
import { type Form, givenTwice, readForm, saveBody } from './form';

interface Submission {
  /** Paths in the job's folder of the files that came. */
  files: Record<string, string>;
  /** The parameters as they arrived: JSON, or every other field as text. */
  body: unknown;
}

/**
 * Takes in what a job's request brings. Parameters stand in the address or in the body: JSON, or a form with its
 * files or their addresses. A picture alone may be the body, too.
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
  const asked = queryOf(request);
  if (!('files' in input)) return { files: {}, body: joined(asked, jsonOf(request, input.example)) };
  const sent = await formOf(request, input.files, folder, config, signal);
  const { files } = sent;
  const fields = joined(asked, sent.fields) as Record<string, string>;
  for (const name of Object.keys(asked)) if (Object.hasOwn(files, name)) throw givenTwice(name);
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

/** The parameters in the address. */
function queryOf({ query }: FastifyRequest): Record<string, string> {
  const asked = query as Record<string, string | string[]>;
  for (const [name, value] of Object.entries(asked)) {
    if (isSecretName(name)) throw secretInAddress(name);
    if (typeof value !== 'string') throw givenTwice(name);
  }
  return asked as Record<string, string>;
}

/** @throws VitrineError INVALID_PARAMETER where both have a field of the same name */
function joined(asked: Record<string, string>, body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  for (const name of Object.keys(asked)) if (Object.hasOwn(body, name)) throw givenTwice(name);
  return { ...asked, ...body };
}

function jsonOf(request: FastifyRequest, example: string): unknown {
  if (isOfType(request, /^application\/json\b/i)) return request.body;
  throw wrongType(
    request,
    'an application/json',
    `Send JSON: curl -H "Content-Type: application/json" -d '${example}'.`,
  );
}

async function formOf(
  request: FastifyRequest,
  expected: Record<string, JobFile>,
  folder: string,
  { limits }: Config,
  signal: AbortSignal,
): Promise<Form> {
  const bytes = Object.fromEntries(
    Object.entries(expected).map(([name, { limit }]) => [name, limits[limit]]),
  );
  if (isOfType(request, /^multipart\/form-data\b/i)) return readForm(request.raw, bytes, folder, signal);
  const [first] = Object.keys(expected);
  if (isOfType(request, /^(image\/|application\/octet-stream\b)/i)) {
    const file = join(folder, `sent-${first}`);
    await saveBody(request.raw, file, bytes[first], signal);
    return { files: { [first]: file }, fields: {} };
  }
  if (request.headers['content-type'] === undefined && isEmpty(request)) return { files: {}, fields: {} };
  throw wrongType(
    request,
    'a multipart/form-data',
    `Send the picture as a form field, e.g. curl -F "${first}=@photo.jpg", or as the body alone, with its own content type, e.g. curl -H "Content-Type: image/jpeg" --data-binary @photo.jpg.`,
  );
}

async function fetchInto(folder: string, url: string, config: Config, signal: AbortSignal): Promise<string> {
  await mkdir(folder);
  return (await download(url, folder, config, signal)).file;
}

/** What cannot be read is left as it is: the schema refuses it without quoting it. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isOfType({ headers }: FastifyRequest, type: RegExp): boolean {
  return type.test(headers['content-type'] ?? '');
}

function isEmpty({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
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

function secretInAddress(name: string): VitrineError {
  const hint = 'Addresses end up in logs: send secrets in the body.';
  return invalid(name, 'in the body', 'something else, which is not shown', hint);
}
