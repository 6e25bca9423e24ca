import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import {
  type AugmentParams,
  type AugmentedPicture,
  type Links,
  MAX_SENT,
  type PictureArtifact,
  type PictureDone,
  TARGETS,
  UNPRINTABLE,
  invalid,
} from '../../contracts';
import type { JobRun, SentFile } from '../jobs/types';
import { type Filled, augmentFolder } from './folder';
import { byName, isMade, isPicture, targetOf } from './names';

export interface Sent extends Filled {
  /** Paths of the new pictures. */
  pictures: Links<'augment'>;
}

/**
 * Tops up a data set whose pictures came with the job, and answers with those that it made.
 * @throws VitrineError INVALID_PARAMETER for names that say no class, and for targets that ask for more than can be
 *   answered with; what `augmentFolder` can say
 */
export async function augmentSent(job: JobRun<'augment'>): Promise<Sent> {
  const { picture = [], background = [] } = job.sent ?? {};
  const root = join(job.folder, 'dataset');
  const places = await layOut(picture, root);
  checkTargets([...places.keys()], job.params);
  const params = { ...job.params };
  if (background.length) {
    if (params.backgrounds_path !== undefined)
      throw invalid('backgrounds_path', 'left out with sent backgrounds', params.backgrounds_path);
    params.backgrounds_path = join(job.folder, 'backgrounds');
    await layOutBackgrounds(background, params.backgrounds_path);
  }
  const made: PictureDone[] = [];
  const onMade = (done: readonly PictureDone[]) => {
    // The outline is the most of it, and nobody needs it any more.
    for (const each of done) made.push({ ...each, rle: undefined });
  };
  const where = { dataset_id: null, dataset_path: null, supabase: null };
  const { facts, report } = await augmentFolder(
    { root, title: 'Data set', where, onMade },
    { ...job, params },
  );
  made.sort(
    ({ record: a }, { record: b }) =>
      byName(a.upc, b.upc) || TARGETS.indexOf(a.target) - TARGETS.indexOf(b.target) || a.index - b.index,
  );
  const pictures = made.map((each, index) => described(each, index, places));
  return {
    // The folders are gone when the job is answered.
    facts: { ...facts, augmentation_path: null, pictures },
    report,
    pictures: Object.fromEntries(pictures.map(({ artifact, file }) => [artifact, join(root, file)])),
  };
}

function described(
  { record, width, height, boxes, visible, area, background }: PictureDone,
  index: number,
  places: ReadonlyMap<string, number>,
): AugmentedPicture {
  const { upc, target, file, source, augmentation } = record;
  return {
    artifact: `picture_${String(index + 1).padStart(4, '0')}` as PictureArtifact,
    ...{ upc, target, file, source: source.name, sent: places.get(source.name)! },
    ...{ pipeline: augmentation.pipeline, width, height, boxes, visible, area, background },
  };
}

/** @throws VitrineError INVALID_PARAMETER where more pictures would be made than there may be in an answer */
function checkTargets(files: readonly string[], { syn_target, real_target }: AugmentParams): void {
  const counts = new Map<string, Record<'syn' | 'real', number>>();
  for (const file of files) {
    const [upc, target] = file.split('/') as [string, 'syn' | 'real'];
    const count = counts.get(upc) ?? { syn: 0, real: 0 };
    count[target]++;
    counts.set(upc, count);
  }
  const missing = [...counts.values()].reduce(
    (sum, { syn, real }) => sum + Math.max(0, syn_target - syn) + Math.max(0, real_target - real),
    0,
  );
  if (missing <= MAX_SENT) return;
  throw invalid(
    'syn_target and real_target',
    `targets that ask for at most ${MAX_SENT} new pictures of all classes together`,
    missing,
    'Lower them, send fewer classes at a time, or let the data set lie in a folder or in Supabase.',
  );
}

/**
 * Puts pictures into the folders of a data set.
 * @returns which of them each is, by its name below the data set
 */
async function layOut(files: readonly SentFile[], root: string): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  for (const [index, { name, path }] of files.entries()) {
    const parts = partsOf(name);
    const [upc, folder] = parts;
    const target = parts.length === 3 ? targetOf(folder) : parts.length === 2 ? 'real' : undefined;
    if (!target) throw unnamed('picture', '<UPC>/<syn or real>/<name>', name);
    const file = freeName(`${upc}/${target}`, parts.at(-1)!, places);
    await put(path, join(root, file));
    places.set(file, index);
  }
  return places;
}

async function layOutBackgrounds(files: readonly SentFile[], root: string): Promise<void> {
  const taken = new Map<string, number>();
  for (const [index, { name, path }] of files.entries()) {
    const file = freeName('.', partsOf(name).at(-1)!, taken);
    taken.set(file, index);
    await put(path, join(root, file));
  }
}

async function put(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}

/** The parts of a file's name, each of which can be the name of a folder. */
function partsOf(name: string): string[] {
  return name.split('/').map((part) => {
    const text = decoded(part).replace(UNPRINTABLE, '').trim();
    if (!text || text.length > 100 || /^\.|[/\\:]|-augmentation$/.test(text))
      throw unnamed('picture', '<UPC>/<syn or real>/<name>', name);
    return text;
  });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A name that no other picture has. One of ours keeps the number in it, by which it is known. */
function freeName(folder: string, name: string, taken: ReadonlyMap<string, number>): string {
  const full = isPicture(name) ? name : `${name}.jpg`;
  const file = `${folder}/${full}`;
  if (!taken.has(file)) return file;
  if (isMade(full)) throw unnamed('picture', 'a name of its own', full);
  const extension = extname(full);
  for (let number = 2; ; number++) {
    const other = `${folder}/${basename(full, extension)}-${number}${extension}`;
    if (!taken.has(other)) return other;
  }
}

function unnamed(field: string, expected: string, name: string) {
  const hint = 'For example: curl -F "picture=@mug.jpg;filename=4006381333931/real/mug.jpg".';
  return invalid(`the name of a file ${field}`, expected, name, hint);
}
