import { createWriteStream } from 'node:fs';
import { rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { VitrineError, throwIfAborted } from '../../contracts';
import { readJson, writeJson } from '../records';
import { diskError, failed, Interrupted, NETWORK_HINT } from './errors';
import type { Reply } from './http';
import { reasonOf } from './http';
import { pause } from './persistent';
import type { DownloadSettings } from './settings';

/** Something that can be fetched from any of its bytes on. */
export interface Remote {
  /** For error texts: the address without its query. */
  place: string;
  /** What tells this content from another at the same place; a part of another key is not continued. */
  key: string;
  /** Exact, when known before. */
  bytes?: number;
  /** Asks for everything from `offset` on, if it is still what `validator` names. */
  open(offset: number, validator: string | undefined, signal: AbortSignal): Promise<Reply>;
  /** What a status other than 200 and 206 means. */
  refuse(reply: Reply): Error;
}

export interface TransferOptions {
  settings: DownloadSettings;
  signal: AbortSignal;
  /** @param total bytes; undefined while nobody knows */
  onBytes(received: number, total: number | undefined): void;
}

/** Bytes that count as getting on: a server that breaks off sooner each time is given up. */
const STEP = 1024 * 1024;
/** Bytes to leave free for everybody else. */
const RESERVE = 64 * 1024 * 1024;

/**
 * Brings a remote file to `part`, going on where an earlier try, or an earlier process, stopped.
 * @returns whether it was put together from several transfers
 * @throws VitrineError DOWNLOAD_FAILED, DISK_FULL; what the signal was aborted with
 */
export async function transfer(remote: Remote, part: string, options: TransferOptions): Promise<boolean> {
  const { settings, signal } = options;
  let best = await sizeOf(part);
  let continued = false;
  for (let idle = 0; ;) {
    throwIfAborted(signal);
    try {
      await attempt(remote, part, options, () => (continued = true));
      await rm(notes(part), { force: true });
      return continued;
    } catch (error) {
      throwIfAborted(signal);
      if (!(error instanceof Interrupted)) throw error;
      const size = await sizeOf(part);
      idle = size >= best + STEP ? 0 : idle + 1;
      best = Math.max(best, size);
      if (idle >= settings.tries) throw failed(remote.place, error.reason, NETWORK_HINT, error);
      await pause(error, Math.max(1, idle), settings, signal);
    }
  }
}

/** Deletes what a transfer has left. */
export async function discard(part: string): Promise<void> {
  await Promise.all([rm(part, { force: true }), rm(notes(part), { force: true })]);
}

interface Notes {
  key: string;
  /** ETag or date that makes sure that the rest belongs to what is here. */
  validator?: string;
}

const notes = (part: string): string => `${part}.json`;

async function attempt(
  remote: Remote,
  part: string,
  options: TransferOptions,
  onContinue: () => void,
): Promise<void> {
  const { signal } = options;
  const noted = await readJson<Partial<Notes>>(notes(part), {});
  let offset = noted.key === remote.key ? await sizeOf(part) : 0;
  if (offset && offset === remote.bytes) return onContinue();
  if (remote.bytes !== undefined && offset > remote.bytes) offset = 0;
  if (offset) onContinue();
  await checkSpace(part, (remote.bytes ?? 0) - offset);

  const reply = await remote.open(offset, noted.validator, signal);
  const { status, headers, body } = reply;
  try {
    if (status === 416 && headers['content-range'] === `bytes */${offset}`) {
      body.destroy();
      return; // All of it was here already, and only its check was missing.
    }
    if (status === 416 || (status === 206 && rangeStart(headers['content-range']) !== offset)) {
      await discard(part);
      throw new Interrupted('the server cannot go on where the transfer stopped');
    }
    if (status !== 200 && status !== 206) throw remote.refuse(reply);
  } catch (error) {
    body.destroy();
    throw error;
  }
  if (status === 200) offset = 0;
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  const offered = length === undefined ? undefined : offset + length;
  if (remote.bytes !== undefined && offered !== undefined && offered !== remote.bytes) {
    body.destroy();
    throw new Interrupted(`the server offers ${offered} bytes where ${remote.bytes} are expected`);
  }
  const total = remote.bytes ?? offered;
  if (remote.bytes === undefined && offered !== undefined) await checkSpace(part, offered - offset);
  await write(part, offset, total, remote.key, reply, options);
}

async function write(
  part: string,
  offset: number,
  total: number | undefined,
  key: string,
  { headers, body }: Reply,
  { settings, signal, onBytes }: TransferOptions,
): Promise<void> {
  let received = offset;
  const stalled = () => meter.destroy(new Interrupted(`nothing came for ${settings.stallSeconds} s`));
  const timer = setTimeout(stalled, settings.stallSeconds * 1000);
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer.refresh();
      received += chunk.length;
      onBytes(received, total);
      const over = total !== undefined && received > total;
      done(over ? new Interrupted(`the server sent more than the ${total} bytes expected`) : null, chunk);
    },
  });
  try {
    await writeJson(notes(part), { key, validator: validatorOf(headers) } satisfies Notes);
    await pipeline(body, meter, createWriteStream(part, { flags: offset ? 'a' : 'w', flush: true }), {
      signal,
    });
  } catch (error) {
    throwIfAborted(signal);
    const full = diskError(error, part);
    if (full?.code === 'DISK_FULL') await discard(part);
    if (full) throw full;
    if (total !== undefined && received > total) await discard(part);
    throw error instanceof Interrupted ? error : new Interrupted(reasonOf(error));
  } finally {
    clearTimeout(timer);
  }
  if (total !== undefined && received !== total) {
    throw new Interrupted(`the transfer ended after ${received} of ${total} bytes`);
  }
}

/** A weak ETag names a meaning, not bytes, so it cannot be used to continue. */
function validatorOf({ etag, 'last-modified': modified }: Reply['headers']): string | undefined {
  return etag && !etag.startsWith('W/') ? etag : modified;
}

function rangeStart(header = ''): number | undefined {
  const start = /^bytes (\d+)-/.exec(header)?.[1];
  return start === undefined ? undefined : Number(start);
}

async function checkSpace(part: string, needed: number): Promise<void> {
  const folder = dirname(part);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (needed <= 0 || free >= needed + RESERVE) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  throw new VitrineError({
    code: 'DISK_FULL',
    message: `${folder} has ${megabytes(free)} free where ${megabytes(needed + RESERVE)} are needed for a download`,
    hint: 'Free some space, or set VITRINE_MODELS_DIR to a folder on another disk.',
  });
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
