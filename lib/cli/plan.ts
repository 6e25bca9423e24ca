import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { FORMATS, type OutputFormat, invalid } from '../contracts';
import { fileId, ifThere } from './files';
import { say } from './output';
import type { ResultNotes } from './result-notes';

export interface Item {
  input: string;
  /** Where the result goes; in a folder still without its ending, which depends on the format. */
  output: string;
}

/**
 * Says where each result goes: to `target` itself for one file, or into the folder `target` as `<stem>.<ext>`. Photos
 * that share a stem keep their endings: `a.jpg` and `a.png` become `a.jpg.png` and `a.png.png`.
 * @throws VitrineError INVALID_PARAMETER when two results would have the same name all the same
 */
export async function planOutputs(
  files: readonly string[],
  many: boolean,
  target: string,
): Promise<{ items: Item[]; folder: boolean }> {
  const existing = await ifThere(stat(target));
  const folder = many || /[\\/]$/.test(target) || Boolean(existing?.isDirectory());
  if (!folder) return { items: files.map((input) => ({ input, output: target })), folder };
  if (existing && !existing.isDirectory()) {
    throw invalid(
      '--out',
      'a folder when there are several pictures',
      target,
      'Name a folder, or give one picture only.',
    );
  }
  const names = resultNames(files);
  return { items: files.map((input, index) => ({ input, output: join(target, names[index]) })), folder };
}

/**
 * Leaves results of earlier runs out: those that lie where this run's go, and those whose photos are here as well.
 * @returns both parts, in the order given
 */
async function withoutResults(
  files: readonly string[],
  target: string,
  notes: ResultNotes,
): Promise<{ photos: string[]; results: string[] }> {
  const ids = new Set(await Promise.all(files.map(idOrNone)));
  const goal = await idOrNone(target);
  const photos: string[] = [];
  const results: string[] = [];
  for (const file of files) {
    const sources = await notes.sources(file);
    const given = await Promise.all((sources ?? []).map(idOrNone));
    const inGoal = goal !== undefined && (await idOrNone(dirname(file))) === goal;
    const isResult = sources && (inGoal || given.some((id) => id !== undefined && ids.has(id)));
    (isResult ? results : photos).push(file);
  }
  return { photos, results };
}

/** As `withoutResults`; says which files it leaves out because an earlier run made them. */
export async function leaveOutResults(
  files: readonly string[],
  target: string,
  notes: ResultNotes,
): Promise<string[]> {
  const { photos, results } = await withoutResults(files, target, notes);
  if (results.length) {
    const more = results.length > 1 ? ` and ${results.length - 1} more` : '';
    say(`Left out, since an earlier run made it: ${results[0]}${more}`);
  }
  return photos;
}

/** The ending of a result in a folder. */
export function withExtension(path: string, format: OutputFormat): string {
  return `${path}.${FORMATS[format].extension}`;
}

/** The format that a file name asks for; undefined where it has no ending we write. */
function formatOf(path: string): OutputFormat | undefined {
  const ending = extname(path).slice(1).toLowerCase();
  if (ending === 'jpeg') return 'jpeg';
  return (Object.keys(FORMATS) as OutputFormat[]).find((format) => FORMATS[format].extension === ending);
}

/**
 * The format that the name of an output asks for.
 * @param option what holds the name
 * @throws VitrineError INVALID_PARAMETER where it has no ending we write
 */
export function pictureFormat(option: string, path: string): OutputFormat {
  const format = formatOf(path);
  if (!format)
    throw invalid(
      option,
      'a name that ends with .png, .webp or .jpg',
      path,
      'Give the file an ending; a folder for --out ends with a /.',
    );
  return format;
}

/** `a/b.c.jpg` is `b.c`. */
export function stem(path: string): string {
  return basename(path, extname(path));
}

/** The stem, or the whole name where another photo's result would be called the same. */
function resultNames(files: readonly string[]): string[] {
  const names = files.map(stem);
  const extendable = () => sharing(names).filter((at) => names[at] !== basename(files[at]));
  // More than once, since a whole name may be another's stem: a.jpg, a.png and a.jpg.webp.
  for (let at = extendable(); at.length; at = extendable()) {
    for (const index of at) names[index] = basename(files[index]);
  }
  const [first, ...others] = sharing(names);
  if (first === undefined) return names;
  const second = others.find((at) => nameKey(names[at]) === nameKey(names[first]))!;
  throw invalid(
    'the photos',
    'of different names, since all results go to one folder',
    `${files[first]} and ${files[second]}`,
    'Rename one of the two, or run each folder on its own with an --out of its own.',
  );
}

/** The places of names that occur more than once. */
function sharing(names: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(nameKey(name), (counts.get(nameKey(name)) ?? 0) + 1);
  return names.flatMap((name, at) => (counts.get(nameKey(name))! > 1 ? [at] : []));
}

/** Many file systems take large and small letters, or two ways to write an accent, for the same. */
function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** What cannot be looked at is told of when its turn comes. */
function idOrNone(path: string): Promise<string | undefined> {
  return fileId(path).catch(() => undefined);
}
