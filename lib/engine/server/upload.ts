import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { type Config, VitrineError, cancelled, invalid } from '../../contracts';
import { download, tooLarge } from '../download';

/** Bytes of one form field. */
const MAX_FIELD_BYTES = 64 * 1024;

export interface Submission {
  /** The picture, in the job's folder. */
  file: string;
  /** The name it came with, for messages only. */
  fileName: string;
  /** Every other form field, as text. */
  fields: Record<string, string>;
}

/**
 * Reads a multipart form with one picture (`file`) or the address of one (`url`) into `folder`.
 * @param signal aborted when the caller hangs up
 * @throws VitrineError INVALID_PARAMETER, TOO_LARGE, UNSUPPORTED_FORMAT, CANCELLED and what a download can say
 */
export async function receive(
  request: FastifyRequest,
  folder: string,
  config: Config,
  signal: AbortSignal,
): Promise<Submission> {
  if (!request.isMultipart()) {
    throw new VitrineError({
      code: 'UNSUPPORTED_FORMAT',
      message: `Expected a multipart/form-data request but received ${request.headers['content-type'] ?? 'no content type'}`,
      hint: 'Send the picture as a form field, e.g. curl -F "file=@photo.jpg".',
    });
  }
  const { upload, fields } = await unlessAborted(signal, readForm(request, folder, config, signal));
  const { url, ...rest } = fields;
  if (upload && url) throw invalid('url', 'left out when a file is sent', url);
  if (upload) return { ...upload, fields: rest };
  if (!url)
    throw invalid(
      'file',
      'a picture',
      undefined,
      'Send a picture in the form field file, or its address in the field url.',
    );
  return { ...(await download(url, folder, config, signal)), fields: rest };
}

interface Form {
  upload?: { file: string; fileName: string };
  fields: Record<string, string>;
}

async function readForm(
  request: FastifyRequest,
  folder: string,
  config: Config,
  signal: AbortSignal,
): Promise<Form> {
  const fields: Record<string, string> = {};
  let upload: Form['upload'];
  const limits = { fileSize: config.limits.maxBytes, files: 1, fields: 40, fieldSize: MAX_FIELD_BYTES };
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type === 'field') {
        if (part.fieldname in fields) throw invalid(part.fieldname, 'given once', 'the field twice');
        fields[part.fieldname] = String(part.value);
      } else if (part.fieldname !== 'file') {
        throw invalid(
          'the picture',
          'in the form field file',
          part.fieldname,
          `Rename the form field ${part.fieldname} to file.`,
        );
      } else {
        const file = join(folder, 'input');
        await pipeline(part.file, createWriteStream(file), { signal });
        if (part.file.truncated) throw tooLarge(config.limits.maxBytes);
        upload = { file, fileName: part.filename };
      }
    }
  } catch (error) {
    throw explain(error);
  }
  return { upload, fields };
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

function explain(error: unknown): unknown {
  const { code } = error as { code?: string };
  if (code?.startsWith('FST_')) return invalid('the form', 'one file and at most 40 short fields', code);
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
