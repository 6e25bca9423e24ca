import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy, { type Busboy } from 'busboy';
import {
  type FileLimit,
  type JobFiles,
  type VitrineError,
  cancelled,
  invalid,
  tooManyBytes,
} from '../../contracts';
import type { SentFile } from '../jobs';

/** Fields of a form beside its files, and the bytes of one. */
const MAX_FIELDS = 40;
const MAX_FIELD_BYTES = 64 * 1024;

/** What a form held: its files as paths, its other fields as text. */
export interface Form {
  files: Record<string, string>;
  fields: Record<string, string>;
  /** Files of which several may come. */
  sent: Record<string, SentFile[]>;
}

/** How many files of a name there may be, and the bytes of each and of all. */
export type ManyLimits = Pick<JobFiles, 'most' | 'maxTotalBytes'> & FileLimit;

/**
 * Reads a multipart form; its files go to the disk as they come.
 * @param limits the files that it may have
 * @param folder where the files are put
 * @param signal aborted when the caller hangs up
 * @param many the files of which several may come
 * @throws VitrineError INVALID_PARAMETER, TOO_LARGE, CANCELLED; what the file system says
 */
export async function readForm(
  request: IncomingMessage,
  limits: Record<string, FileLimit>,
  folder: string,
  signal: AbortSignal,
  many: Record<string, ManyLimits> = {},
): Promise<Form> {
  const names = [...Object.keys(limits), ...Object.keys(many)];
  const most = Object.values(many).reduce((sum, each) => sum + each.most, Object.keys(limits).length);
  const sent = Object.fromEntries(Object.keys(many).map((name) => [name, [] as SentFile[]]));
  const form: Form = { files: {}, fields: {}, sent };
  const left = new Map(Object.entries(many).map(([name, { maxTotalBytes }]) => [name, maxTotalBytes]));
  const parser = parserOf(
    request,
    [...Object.values(limits), ...Object.values(many)].map(({ maxBytes }) => maxBytes),
    most,
  );
  const stopped = new AbortController();
  const either = AbortSignal.any([signal, stopped.signal]);

  const own = (name: string | undefined) => {
    if (name === undefined) throw invalid('each part of the form', 'a field with a name', name);
    const { files, fields } = form;
    if (Object.hasOwn(fields, name) || Object.hasOwn(files, name)) throw givenTwice(name);
    return name;
  };
  const takeField = (given: string | undefined, value: string, cut: boolean) => {
    const name = own(given);
    if (cut) throw invalid(name, `at most ${MAX_FIELD_BYTES} bytes`, 'more');
    set(form.fields, name, value);
  };
  const takeFile = async (given: string | undefined, content: Readable, called: string | undefined) => {
    if (given !== undefined && Object.hasOwn(many, given)) return takeOneOfMany(given, content, called ?? '');
    const name = own(given);
    if (!names.includes(name)) throw unknownFile(name, names);
    const path = join(folder, `sent-${name}`);
    set(form.files, name, path);
    await saveFile(content, path, limits[name], either);
  };
  const takeOneOfMany = async (field: string, content: Readable, name: string) => {
    const files = sent[field];
    if (files.length === many[field].most) throw tooMany(many[field].most);
    const path = join(folder, `sent-${field}-${files.length}`);
    files.push({ name, path });
    const { kind, maxBytes } = many[field];
    const limit = { kind, maxBytes: Math.min(maxBytes, left.get(field)!) };
    const bytes = await saveFile(content, path, limit, either);
    left.set(field, left.get(field)! - bytes);
  };

  const saved: Promise<void>[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const guarded = (take: () => void) => {
        try {
          take();
        } catch (error) {
          reject(error as Error);
        }
      };
      parser.on('field', (name, value, { nameTruncated, valueTruncated }) =>
        guarded(() => takeField(name, value, nameTruncated || valueTruncated)),
      );
      parser.on('file', (name, content, { filename }) => {
        const file = takeFile(name, content, filename);
        saved.push(file);
        file.catch(reject);
        // What is refused is not read: its end is the parser's.
        content.on('error', () => undefined);
      });
      const full = () => reject(tooMany(most));
      parser.on('filesLimit', full).on('fieldsLimit', full).on('partsLimit', full);
      parser.on('error', (error) => reject(unreadable((error as Error).message)));
      parser.on('close', resolve);
      signal.addEventListener('abort', () => reject(cancelled()), { once: true });
      if (signal.aborted) reject(cancelled());
      request.pipe(parser);
    });
    await Promise.all(saved);
    return form;
  } catch (error) {
    stopped.abort();
    forget(request, parser);
    parser.destroy();
    await Promise.allSettled(saved);
    throw error;
  }
}

/**
 * Writes a body that is the file itself to the disk as it comes.
 * @param signal aborted when the caller hangs up
 * @throws VitrineError TOO_LARGE, CANCELLED; what the file system says
 */
export async function saveBody(
  request: IncomingMessage,
  path: string,
  limit: FileLimit,
  signal: AbortSignal,
): Promise<void> {
  // A pipeline ends its source when it fails, and the answer would go with the connection.
  const content = request.pipe(new PassThrough());
  try {
    await saveFile(content, path, limit, signal);
  } catch (error) {
    forget(request, content);
    throw error;
  }
}

/**
 * @returns its bytes
 * @throws VitrineError TOO_LARGE; what the file system says
 */
async function saveFile(
  content: Readable,
  path: string,
  limit: FileLimit,
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  await pipeline(
    content,
    async function* counted(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > limit.maxBytes) throw tooManyBytes(limit.kind, limit.maxBytes);
        yield chunk;
      }
    },
    createWriteStream(path),
    { signal },
  );
  return bytes;
}

/** Reads the rest of a body that is refused and keeps none of it, so that whoever still sends comes to see the answer. */
function forget(request: IncomingMessage, reader: Writable): void {
  request.unpipe(reader);
  request.resume();
}

export function givenTwice(name: string): VitrineError {
  return invalid(name, 'given once', 'the field twice', `Send ${name} once, in the address or in the body.`);
}

function parserOf({ headers }: IncomingMessage, maxBytes: number[], files: number): Busboy {
  try {
    return busboy({
      headers,
      // Of several files of one field the name says what each is.
      preservePath: true,
      limits: {
        // One byte more than any may have: the file's own limit is looked at where it is written.
        fileSize: Math.max(...maxBytes) + 1,
        files,
        fields: MAX_FIELDS,
        fieldSize: MAX_FIELD_BYTES,
        parts: MAX_FIELDS + files,
      },
    });
  } catch (error) {
    throw unreadable((error as Error).message);
  }
}

/** A name is the caller's: `__proto__` is one like any other. */
function set(object: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

function unknownFile(name: string, names: string[]): VitrineError {
  const known = names.join(' or ');
  const hint = `Rename the form field ${name} to ${known}.`;
  return invalid('the picture', `in the form field ${known}`, name, hint);
}

function tooMany(files: number): VitrineError {
  const most = `${files === 1 ? 'one file' : `${files} files`} and at most ${MAX_FIELDS} short fields`;
  return invalid('the form', most, 'more', 'Leave out what the job does not take.');
}

function unreadable(reason: string): VitrineError {
  const hint = 'Send the form again; the connection may have broken, or its boundary is wrong.';
  return invalid('the form', 'complete multipart/form-data', reason, hint);
}
