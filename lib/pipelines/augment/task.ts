import { createHash } from 'node:crypto';
import {
  type Each,
  type JobContext,
  type PictureDone,
  type PictureOrder,
  type PictureRecord,
  type Tasks,
  VitrineError,
  leastVisible,
  throwIfAborted,
} from '../../contracts';
import { loadPipelines } from '../../augmentation';
import { encodeImage, encodeMask } from '../../image';
import type { Resources } from '../resources';
import { drawPicture } from './draw';
import { factsOf } from './facts';
import { Kept } from './kept';
import { IN_MASK, makePicture } from './make';
import { parsePictureRecord } from './parse';
import { Reader } from './reader';
import type { MadePicture, Stock } from './types';

/** Bytes of decoded pictures that a worker keeps. */
const KEPT_BYTES = 192 * 1024 * 1024;
/** How often a picture is drawn anew before the one that shows most of its product is taken. */
const ATTEMPTS = 8;
/** These stop the others as well. */
const FATAL = ['CANCELLED', 'DEADLINE_EXCEEDED', 'DISK_FULL'];

const kept = new Kept(KEPT_BYTES);

/**
 * Makes pictures one after the other and writes each to its place, whole or not at all. One that cannot be made says why
 * and does not keep the others.
 * @throws VitrineError CANCELLED, DISK_FULL; INVALID_PARAMETER for pipelines that cannot be read
 */
export async function augmentPictures(
  { config }: Resources,
  { files, backgrounds, distractors, pictures }: Tasks['augment']['input'],
  { signal, progress }: JobContext,
): Promise<Each<PictureDone>[]> {
  const { limits } = config;
  const stock = { pipelines: await loadPipelines(config.modelsDir), backgrounds, distractors };
  const reader = new Reader({ files, limits, signal, kept });
  const done: Each<PictureDone>[] = [];
  for (const order of pictures) {
    throwIfAborted(signal);
    try {
      const { record, made } = await decideAndMake(order, stock, reader);
      done.push(await write(order, record, made, limits.timeoutSeconds));
    } catch (thrown) {
      const error = VitrineError.from(thrown);
      if (FATAL.includes(error.code)) throw error;
      done.push({ error: error.toJSON() });
    }
    progress({ stage: 'augment', fraction: done.length / pictures.length, made: done.length });
  }
  return done;
}

/** A picture as its record says; or drawn until enough of the product is to be seen. */
async function decideAndMake(
  order: PictureOrder,
  stock: Stock,
  reader: Reader,
): Promise<{ record: PictureRecord; made: MadePicture }> {
  if ('record' in order) {
    const record = parsePictureRecord(order.record);
    return { record, made: await makePicture(record, reader) };
  }
  let best: { record: PictureRecord; made: MadePicture } | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const record = drawPicture(order.request, stock, attempt);
    const made = await makePicture(record, reader);
    if (!best || made.visible > best.made.visible) best = { record, made };
    if (made.visible >= leastVisible(record.augmentation.pipeline)) break;
  }
  return best!;
}

async function write(
  { to, maskTo }: PictureOrder,
  record: PictureRecord,
  made: MadePicture,
  timeoutSeconds: number,
): Promise<PictureDone> {
  const { image, alpha } = made;
  const { width, height } = image;
  if (maskTo !== undefined && alpha) {
    const hard = { ...alpha, data: alpha.data.map((value) => (value >= IN_MASK ? 255 : 0)) };
    await encodeMask(maskTo, hard, { format: 'png', timeoutSeconds });
  }
  const bytes = await encodeImage(to, image, { ...record.output, timeoutSeconds });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { record, bytes: bytes.length, sha256, width, height, ...factsOf(made, record) };
}
