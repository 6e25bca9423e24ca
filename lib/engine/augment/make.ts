import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type AugmentParams,
  type Each,
  FORMATS,
  type PictureDone,
  type PictureFiles,
  type PictureOrder,
  type PictureRequest,
  type Source,
  type Target,
  VitrineError,
  mapLimit,
  throwIfAborted,
} from '../../contracts';
import { moveFile } from '../move-file';
import { whenThereIsRoom } from '../when-there-is-room';
import type { WorkerPool } from '../workers';
import type { Backgrounds } from './backgrounds';
import type { Companion } from './companion';
import { cutoutOf } from './cut';
import type { Records } from './records';

/** Pictures that one task of a worker makes: few enough that little is lost with it, and that progress is seen. */
export const CHUNK = 12;

/** Pictures of one class and target that are missing. */
export interface Batch {
  upc: string;
  target: Target;
  requests: PictureRequest[];
  /** Products of other classes that may be in them. */
  distractors: Source[];
}

export interface Making {
  root: string;
  companion: Companion;
  records: Records;
  pool: WorkerPool;
  params: AugmentParams;
  backgrounds: Backgrounds;
  /** Where the originals lie, by their SHA-256. */
  originals: ReadonlyMap<string, string>;
  workers: number;
  timeoutSeconds: number;
  signal: AbortSignal;
  onMade(made: readonly PictureDone[]): Promise<void> | void;
  onFailed(request: PictureRequest, reason: string): void;
}

interface Order {
  request: PictureRequest;
  order: PictureOrder;
}

/**
 * Makes missing pictures and puts each in its place: first its line in the records, then its mask, then itself. What is
 * broken off leaves nothing half-made, and what is made stays.
 * @throws VitrineError what is no picture's own fault, such as DISK_FULL; CANCELLED
 */
export async function makePictures(batches: readonly Batch[], making: Making): Promise<void> {
  const { workers, signal } = making;
  const chunks = batches.flatMap((batch) => chunksOf(batch));
  // One after the other: lines of two chunks must not mix.
  let committing: Promise<unknown> = Promise.resolve();
  await mapLimit(chunks, workers, signal, async (batch, _, either) => {
    const orders = batch.requests.map((request) => orderOf(request, making));
    const done = await runChunk(orders, batch, making, either);
    throwIfAborted(either);
    const mine = committing.then(() => commit(orders, done, making));
    committing = mine.catch(() => undefined);
    await mine;
  });
}

/** Pictures of one source stand together, so that it is decoded once for them. */
function chunksOf(batch: Batch): Batch[] {
  const requests = [...batch.requests].sort((a, b) =>
    a.source.sha256 < b.source.sha256 ? -1 : a.source.sha256 > b.source.sha256 ? 1 : a.index - b.index,
  );
  const chunks: Batch[] = [];
  for (let at = 0; at < requests.length; at += CHUNK)
    chunks.push({ ...batch, requests: requests.slice(at, at + CHUNK) });
  return chunks;
}

function orderOf(request: PictureRequest, { companion, params }: Making): Order {
  const stem = join(companion.making, randomUUID());
  const to = `${stem}.${FORMATS[request.format].extension}`;
  return { request, order: { request, to, ...(params.masks && { maskTo: `${stem}.mask.png` }) } };
}

/** A picture that ends its worker takes none of the others with it. */
async function runChunk(
  orders: readonly Order[],
  batch: Batch,
  making: Making,
  signal: AbortSignal,
): Promise<Each<PictureDone>[]> {
  const { pool, companion, backgrounds, timeoutSeconds } = making;
  const input = {
    files: filesOf(orders, batch, making),
    ...{ backgrounds: backgrounds.pictures, distractors: batch.distractors },
    pictures: orders.map(({ order }) => order),
  };
  try {
    return await whenThereIsRoom(signal, () =>
      pool.run('augment', input, { folder: companion.making, signal, timeoutSeconds }),
    );
  } catch (thrown) {
    const error = VitrineError.from(thrown);
    if (!['WORKER_DIED', 'DEADLINE_EXCEEDED'].includes(error.code) || signal.aborted) throw error;
    if (orders.length === 1) return [{ error: error.toJSON() }];
  }
  const done: Each<PictureDone>[] = [];
  for (const order of orders) done.push(...(await runChunk([order], batch, making, signal)));
  return done;
}

/** Where all lies that a chunk may need. */
function filesOf(
  orders: readonly Order[],
  { distractors }: Batch,
  { originals, companion, backgrounds }: Making,
): PictureFiles {
  const files: PictureFiles = { originals: {}, cutouts: {}, backgrounds: {} };
  for (const { sha256, cut } of [...orders.map(({ request }) => request.source), ...distractors]) {
    files.originals[sha256] = originals.get(sha256)!;
    if (cut !== null) files.cutouts[sha256] = cutoutOf(companion, sha256);
  }
  for (const { name, sha256 } of backgrounds.pictures)
    files.backgrounds[sha256] = join(backgrounds.root!, name);
  return files;
}

async function commit(
  orders: readonly Order[],
  done: readonly Each<PictureDone>[],
  making: Making,
): Promise<void> {
  const { root, companion, records, onFailed, onMade } = making;
  const made: { order: PictureOrder; done: PictureDone }[] = [];
  orders.forEach(({ request, order }, at) => {
    const each = done[at];
    if ('error' in each) onFailed(request, each.error.message);
    else made.push({ order, done: each });
  });
  if (!made.length) return;
  await records.append(made.map((each) => each.done));
  const placed: PictureDone[] = [];
  for (const { order, done: each } of made) {
    const { file } = each.record;
    const target = join(root, file);
    await mkdir(dirname(target), { recursive: true });
    if (order.maskTo !== undefined && each.rle !== undefined) {
      const mask = companion.path('masks', maskName(file));
      await mkdir(dirname(mask), { recursive: true });
      await rename(order.maskTo, mask);
    }
    try {
      await moveFile(order.to, target, false);
      placed.push(each);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await rm(order.to, { force: true });
      records.forget(file);
      const request = orders.find((one) => one.order === order)!.request;
      onFailed(request, 'a file of this name was put there meanwhile');
    }
  }
  await onMade(placed);
}

/** @example maskName('012/syn/aug_0001.jpg') // '012/syn/aug_0001.png' */
export function maskName(file: string): string {
  return file.replace(/\.[^./]+$/, '.png');
}
