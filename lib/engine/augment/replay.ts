import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type PictureDone,
  type PictureFiles,
  type PictureName,
  type PictureRecord,
  VitrineError,
  invalid,
} from '../../contracts';
import type { WorkerPool } from '../workers';
import { scanPictures } from './scan';
import { State } from './state';

export interface Replay {
  record: PictureRecord;
  /** The data set, and the folder of the backgrounds; without it, that of the last run. */
  dataset: string;
  companion: string;
  backgrounds?: string;
  /** Where the picture is written; its folder exists. */
  to: string;
  pool: WorkerPool;
  /** For what the worker writes meanwhile. */
  folder: string;
  signal: AbortSignal;
}

/**
 * Makes a picture again, as its record says. Pictures are found by what they contain, so that they may have been moved or
 * renamed since; a cutout that is gone is cut again by the model that cut it.
 * @throws VitrineError NOT_FOUND for a source that is not there any more, or not as it was; what the picture failed with
 */
export async function replayPicture(replay: Replay): Promise<PictureDone> {
  const { record, to, pool, folder, signal } = replay;
  const files = await filesFor(replay);
  const input = { files, backgrounds: [], distractors: [], pictures: [{ record, to }] };
  const [done] = await pool.run('augment', input, { folder, signal });
  if ('error' in done) throw VitrineError.fromBody(done.error);
  return done;
}

/** Where all lies that the record names. */
async function filesFor({
  record,
  dataset,
  companion,
  backgrounds,
  pool,
  folder,
  signal,
}: Replay): Promise<PictureFiles> {
  const { source, composition } = record;
  const known = await State.read(companion);
  const files: PictureFiles = { originals: {}, cutouts: {}, backgrounds: {} };
  const behind = composition?.background;
  if (behind?.kind === 'picture') {
    const root = backgrounds ?? known.backgrounds;
    if (!root)
      throw invalid('backgrounds', 'the folder of the backgrounds', undefined, 'Name it with --backgrounds.');
    files.backgrounds[behind.sha256] = await find(root, behind);
  }
  if (!composition) files.originals[source.sha256] = await find(dataset, source);
  if (source.cut === null) return files;
  const { width, height } = record.augmentation;
  const longer = Math.max(width, height);
  for (const each of [source, ...(composition?.behind ?? []), ...(composition?.before ?? [])]) {
    const { sha256 } = each;
    if (files.cutouts[sha256]) continue;
    const there = join(companion, 'cutouts', `${sha256}.png`);
    const state = known.cutouts.get(sha256);
    const cut = state && !('error' in state) ? state : undefined;
    // A later run may have cut it otherwise: by another model, or for pictures of another size.
    const isOther = each === source && cut !== undefined && cut.model !== source.cut;
    const isOfOtherSize = cut?.size !== undefined && cut.size !== longer;
    files.cutouts[sha256] = there;
    if (!isOther && !isOfOtherSize && (await isFile(there))) continue;
    const to = join(folder, `${sha256}.png`);
    const model = each === source ? source.cut : (cut?.model ?? source.cut);
    const input = {
      file: await find(dataset, each),
      border: each === source ? source.border : (known.surveys.get(sha256)?.border ?? null),
      params: { model: model === 'none' ? 'auto' : model, device: 'auto' as const, strict_device: false },
      ...{ to, size: longer },
    };
    await pool.run('cutout', input, { folder, signal });
    files.cutouts[sha256] = to;
  }
  return files;
}

/** A picture by what it contains: where it was, or wherever it is now. */
async function find(root: string, { name, sha256 }: PictureName): Promise<string> {
  const usual = join(root, name);
  if ((await hashOf(usual)) === sha256) return usual;
  const { files } = await scanPictures(root);
  for (const file of files) if ((await hashOf(join(root, file))) === sha256) return join(root, file);
  const now = (await isFile(usual)) ? 'is another picture now' : 'is not there any more';
  throw new VitrineError({
    code: 'NOT_FOUND',
    message: `${name}, which the picture was made of, ${now} in ${root}`,
    hint: 'Bring the file back as it was when the picture was made; its name does not matter.',
  });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}

async function hashOf(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
