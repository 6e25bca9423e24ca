import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import {
  type Config,
  type Job,
  type JobFile,
  type Progress,
  VitrineError,
  invalid,
  isSecretName,
  isWebAddress,
  limitOf,
} from '../../contracts';
import { copyDataFile } from '../data-file';
import { checkAddress, download, downloadVideo } from '../download';
import { type Form, givenTwice, readForm, saveBody } from './form';

interface Submission {
  /** Paths in the job's folder of the files that came. */
  files: Record<string, string>;
  /** Addresses of the files that are still to be fetched. */
  addresses: Record<string, string>;
  /** Files of which several may come, by their fields. */
  sent?: Form['sent'];
  /** The parameters as they arrived: JSON, or every other field as text. */
  body: unknown;
}

/**
 * Takes in what a job's request brings, as far as it is here or on this machine. Parameters stand in the address or in
 * the body: JSON, or a form with its files or their places. A picture alone may be the body, too.
 * @param folder the job's own
 * @param signal aborted when the caller hangs up
 * @throws VitrineError INVALID_PARAMETER, FORBIDDEN, TOO_LARGE, UNSUPPORTED_FORMAT, CANCELLED
 */
export async function receive(
  request: FastifyRequest,
  job: Pick<Job, 'input'>,
  folder: string,
  config: Config,
  signal: AbortSignal,
): Promise<Submission> {
  const { input } = job;
  const asked = queryOf(request);
  if (!('files' in input)) {
    if (!input.many || !isForm(request))
      return { files: {}, addresses: {}, body: joined(asked, jsonOf(request, input.example)) };
    const limits = Object.entries(input.many).map(([name, files]) => [
      name,
      { ...files, ...limitOf(files.kind, config) },
    ]);
    const form = await readForm(request.raw, {}, folder, signal, Object.fromEntries(limits));
    return { files: {}, addresses: {}, sent: form.sent, body: withSecrets(joined(asked, form.fields)) };
  }
  const sent: { files: Submission['files']; fields: unknown } =
    input.json && isJson(request)
      ? { files: {}, fields: request.body }
      : await formOf(request, input.files, folder, config, signal);
  const { files } = sent;
  const body = joined(asked, sent.fields);
  // What is no object is refused with all that it might hold.
  if (!isObject(body)) return { files, addresses: {}, body };
  for (const name of Object.keys(asked)) if (Object.hasOwn(files, name)) throw givenTwice(name);
  const addresses: Submission['addresses'] = {};
  const fields = { ...body };
  for (const [name, file] of Object.entries(input.files)) {
    const place = takePlace(fields, file, files[name] !== undefined);
    if (place?.isAddress) addresses[name] = place.value;
    else if (place) {
      files[name] = join(folder, `from-${place.field}`);
      const named = { field: place.field, path: place.value, ...limitOf(file.kind, config) };
      await copyDataFile(named, config.dataRoots, files[name]);
    }
    if (file.required && !files[name] && !place) throw missing(name, file.address);
  }
  return { files, addresses, body: withSecrets(fields) };
}

/** A form has the secrets as JSON. */
function withSecrets(body: unknown): unknown {
  if (!isObject(body) || typeof body.secrets !== 'string' || !body.secrets) return body;
  return { ...body, secrets: fromJson(body.secrets) };
}

/**
 * Downloads what a submission has addresses of.
 * @returns paths in the job's folder, by the names of the files
 * @throws VitrineError what a download can say
 */
export async function fetchFiles(
  addresses: Submission['addresses'],
  { input }: Pick<Job, 'input'>,
  folder: string,
  config: Config,
  { signal, onProgress }: { signal: AbortSignal; onProgress?(event: Progress): void },
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const [name, url] of Object.entries(addresses)) {
    const own = join(folder, `from-address-of-${name}`);
    await mkdir(own);
    const isVideo = 'files' in input && input.files[name].kind === 'video';
    const { file } = isVideo
      ? await downloadVideo(url, own, config, signal, (bytes, total) => onProgress?.(fetching(bytes, total)))
      : await download(url, own, config, signal);
    files[name] = file;
  }
  return files;
}

function fetching(bytes: number, total?: number): Progress {
  const megabytes = (count: number) => Math.round(count / 1e6);
  const message = `${megabytes(bytes)} of ${total ? megabytes(total) : '?'} MB of the video`;
  return { stage: 'fetch', fraction: 0, message };
}

/**
 * Takes the field out that says where a file lies.
 * @param sent whether the file itself came
 * @throws VitrineError INVALID_PARAMETER for a second place, and for an address that is none
 */
function takePlace(
  fields: Record<string, unknown>,
  { address, path }: JobFile,
  sent: boolean,
): { field: string; value: string; isAddress: boolean } | undefined {
  const names = path === undefined ? [address] : [address, path];
  const given = names.map((field) => ({ field, value: fields[field] }));
  for (const field of names) delete fields[field];
  const [first, second] = given.filter(({ value }) => value !== undefined && value !== '');
  if (!first) return undefined;
  const { field, value } = first;
  if (sent) throw invalid(field, 'left out when a file is sent', value);
  if (second) throw invalid(second.field, `left out with ${field}`, second.value);
  if (typeof value !== 'string') throw invalid(field, 'a text', value);
  if (field === address) checkAddress(field, value);
  return { field, value, isAddress: isWebAddress(value) };
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
  if (!isObject(body)) return body;
  for (const name of Object.keys(asked)) if (Object.hasOwn(body, name)) throw givenTwice(name);
  return { ...asked, ...body };
}

function jsonOf(request: FastifyRequest, example: string): unknown {
  if (isJson(request)) return request.body;
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
  config: Config,
  signal: AbortSignal,
): Promise<Omit<Form, 'sent'>> {
  const limits = Object.fromEntries(
    Object.entries(expected).map(([name, { kind }]) => [name, limitOf(kind, config)]),
  );
  if (isForm(request)) return readForm(request.raw, limits, folder, signal);
  const [first] = Object.keys(expected);
  if (isOfType(request, /^(image\/|video\/|application\/octet-stream\b)/i)) {
    const file = join(folder, `sent-${first}`);
    await saveBody(request.raw, file, limits[first], signal);
    return { files: { [first]: file }, fields: {} };
  }
  if (request.headers['content-type'] === undefined && isEmpty(request)) return { files: {}, fields: {} };
  throw wrongType(
    request,
    'a multipart/form-data',
    `Send the picture as a form field, e.g. curl -F "${first}=@photo.jpg", or as the body alone, with its own content type, e.g. curl -H "Content-Type: image/jpeg" --data-binary @photo.jpg.`,
  );
}

/** What cannot be read is left as it is: the schema refuses it without quoting it. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isJson(request: FastifyRequest): boolean {
  return isOfType(request, /^application\/json\b/i);
}

function isForm(request: FastifyRequest): boolean {
  return isOfType(request, /^multipart\/form-data\b/i);
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
