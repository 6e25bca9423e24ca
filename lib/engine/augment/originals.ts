import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  type Each,
  type LeftOut,
  type SurveyedPicture,
  type Target,
  TARGETS,
  VitrineError,
  mapLimit,
  tooManyBytes,
} from '../../contracts';
import type { WorkerPool } from '../workers';
import { whenThereIsRoom } from '../when-there-is-room';
import type { ClassFolder } from './scan';
import type { State } from './state';

/** Files that are hashed at a time, and pictures that one task of a worker looks at. */
const HASHED_AT_ONCE = 4;
const SURVEYED_AT_ONCE = 8;
/** Pictures after which what was found out is written down. */
const NOTED_EVERY = 200;

/** A picture that can be read. */
export interface Picture {
  /** Below the data set, or the folder of backgrounds, with slashes. */
  file: string;
  sha256: string;
  survey: SurveyedPicture;
}

export interface Original extends Picture {
  upc: string;
  target: Target;
}

/** The originals of a class, and what is wrong with them. */
export interface ClassOriginals {
  folder: ClassFolder;
  /** All that can be read, copies too: they count. */
  readable: Original[];
  /** Those that others can be made of. */
  sources: Original[];
  /** Those that show this class alone: the sources, and copies of them. */
  labelled: Original[];
  skipped: LeftOut[];
  duplicates: { file: string; of: string }[];
  warnings: string[];
}

export interface Looking {
  pool: WorkerPool;
  state: State;
  /** For tasks; it stays empty. */
  folder: string;
  maxBytes: number;
  signal: AbortSignal;
  onProgress(done: number, total: number): void;
}

/**
 * Reads the originals of all classes: which can be used, and which are copies of others. Of copies within a class the
 * first is taken; a picture that lies in several classes is a source of none, for nobody knows what it shows.
 * @param root the folder that the files are below
 * @throws VitrineError what workers and signal can say
 */
export async function readOriginals(
  root: string,
  folders: readonly ClassFolder[],
  looking: Looking,
): Promise<ClassOriginals[]> {
  const files = folders.flatMap(({ originals }) => TARGETS.flatMap((target) => originals[target]));
  const read = await readPictures(root, files, looking);
  const classesOf = new Map<string, Set<string>>();
  for (const { file, sha256 } of read.pictures.values()) {
    const upc = file.split('/', 1)[0];
    classesOf.set(sha256, (classesOf.get(sha256) ?? new Set()).add(upc));
  }
  const firstOf = new Map<string, string>();
  return folders.map((folder) => {
    const own: ClassOriginals = {
      ...{ folder, readable: [], sources: [], labelled: [], duplicates: [], warnings: [] },
      skipped: [...folder.leftOut],
    };
    const first = new Map<string, string>();
    for (const target of TARGETS) {
      for (const file of folder.originals[target]) {
        const picture = read.pictures.get(file);
        if (!picture) {
          own.skipped.push({ file, reason: read.failures.get(file)! });
          continue;
        }
        const original: Original = { ...picture, upc: folder.upc, target };
        const { sha256 } = picture;
        own.readable.push(original);
        const before = first.get(sha256) ?? firstOf.get(sha256);
        if (before !== undefined) own.duplicates.push({ file, of: before });
        const ofOneClass = classesOf.get(sha256)!.size === 1;
        if (ofOneClass) own.labelled.push(original);
        if (ofOneClass && !first.has(sha256)) own.sources.push(original);
        if (!first.has(sha256)) first.set(sha256, file);
        if (!firstOf.has(sha256)) firstOf.set(sha256, file);
      }
    }
    const shared = own.readable.filter(({ sha256 }) => classesOf.get(sha256)!.size > 1);
    if (shared.length) own.warnings.push(sharedWith(shared, classesOf, folder.upc));
    return own;
  });
}

/**
 * Reads pictures, each as a whole; those that an earlier run has read are known by their content.
 * @returns by their names: what they are, or why they cannot be used
 */
export async function readPictures(
  root: string,
  files: readonly string[],
  { pool, state, folder, maxBytes, signal, onProgress }: Looking,
): Promise<{ pictures: Map<string, Picture>; failures: Map<string, string> }> {
  const pictures = new Map<string, Picture>();
  const failures = new Map<string, string>();
  const hashes = await mapLimit(files, HASHED_AT_ONCE, signal, (file) => hashOf(join(root, file), maxBytes));
  const unknown: string[] = [];
  const take = (file: string, survey: SurveyedPicture) =>
    void pictures.set(file, { file, sha256: survey.sha256, survey });
  files.forEach((file, at) => {
    const hash = hashes[at];
    if ('reason' in hash) failures.set(file, hash.reason);
    else if (state.surveys.has(hash.sha256)) take(file, state.surveys.get(hash.sha256)!);
    else unknown.push(file);
  });
  const parts: string[][] = [];
  for (let at = 0; at < unknown.length; at += SURVEYED_AT_ONCE)
    parts.push(unknown.slice(at, at + SURVEYED_AT_ONCE));
  if (unknown.length) onProgress(0, unknown.length);
  let done = 0;
  let noted = 0;
  await mapLimit(parts, pool.mostAtOnce('survey'), signal, async (part, _, either) => {
    const surveyed = await survey(part, root, pool, folder, either);
    surveyed.forEach((each, at) => {
      if ('error' in each) {
        failures.set(part[at], each.error.message);
        return;
      }
      state.surveys.set(each.sha256, each);
      take(part[at], each);
    });
    done += part.length;
    onProgress(done, unknown.length);
    if (done - noted < NOTED_EVERY) return;
    noted = done;
    await state.write();
  });
  if (unknown.length) await state.write();
  return { pictures, failures };
}

/** A picture that ends its worker takes none of the others with it. */
async function survey(
  files: string[],
  root: string,
  pool: WorkerPool,
  folder: string,
  signal: AbortSignal,
): Promise<Each<SurveyedPicture>[]> {
  const ask = (some: string[]) =>
    whenThereIsRoom(signal, () =>
      pool.run('survey', { files: some.map((file) => join(root, file)) }, { folder, signal }),
    );
  try {
    return await ask(files);
  } catch (thrown) {
    const error = VitrineError.from(thrown);
    if (!['WORKER_DIED', 'DEADLINE_EXCEEDED'].includes(error.code) || signal.aborted) throw error;
    if (files.length === 1) return [{ error: error.toJSON() }];
  }
  const each: Each<SurveyedPicture>[] = [];
  for (const file of files) each.push(...(await survey([file], root, pool, folder, signal)));
  return each;
}

async function hashOf(path: string, maxBytes: number): Promise<{ sha256: string } | { reason: string }> {
  try {
    const { size } = await stat(path);
    if (size === 0) return { reason: 'The file is empty' };
    if (size > maxBytes) return { reason: tooManyBytes('picture', maxBytes).message };
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return { sha256: hash.digest('hex') };
  } catch (error) {
    return { reason: VitrineError.from(error).message };
  }
}

function sharedWith(shared: Original[], classesOf: Map<string, Set<string>>, upc: string): string {
  const others = new Set(shared.flatMap(({ sha256 }) => [...classesOf.get(sha256)!]));
  others.delete(upc);
  const names = [...others].slice(0, 3).join(', ');
  return `${shared.length} pictures, such as ${basename(shared[0].file)}, lie in other classes too (${names}): nothing is made of them, for nobody knows what they show.`;
}
