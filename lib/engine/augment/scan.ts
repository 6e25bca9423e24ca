import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { type LeftOut, TARGETS, type Target, VitrineError } from '../../contracts';
import { FOLDER_NAMES, byName, indexOf, isMade, isPicture, isSideFolder, targetOf } from './names';

/** What lies in the folder of one class. Names are below the data set, with slashes. */
export interface ClassFolder {
  upc: string;
  /** Where pictures of each target are put. */
  folders: Record<Target, string>;
  /** Pictures that were there before us, in the order of their names. */
  originals: Record<Target, string[]>;
  /** Pictures that were made of others. */
  made: Record<Target, string[]>;
  /** What looks like a picture and is none that can be used. */
  leftOut: LeftOut[];
}

export interface DatasetScan {
  classes: ClassFolder[];
  warnings: string[];
}

/** Pictures below a folder, and what in it leads elsewhere. */
interface Found {
  files: string[];
  leftOut: LeftOut[];
}

/**
 * Looks through a data set: `<UPC>/syn|synthetic|real/…`. Pictures that lie elsewhere below a UPC count as real ones.
 * Hidden files, files of the system and what is no picture do not count; links are followed to files of the data set only.
 * @param root a full path without links
 * @param options `except`: a folder in it that is no class, such as that of the backgrounds; `elsewhere`: names of
 *   pictures that count as if they were there
 * @throws VitrineError NOT_FOUND where there is no class; the errors of `node:fs`
 */
export async function scanDataset(
  root: string,
  { except, elsewhere = [] }: { except?: string; elsewhere?: readonly string[] } = {},
): Promise<DatasetScan> {
  const entries = (await readdir(root, { withFileTypes: true })).sort((a, b) => byName(a.name, b.name));
  const warnings: string[] = [];
  const loose = entries.filter((entry) => entry.isFile() && isPicture(entry.name));
  if (loose.length)
    warnings.push(
      `${loose.length} pictures, such as ${loose[0].name}, lie beside the folders of the classes: nobody knows what they show, so they were left out.`,
    );
  const links = entries.filter((entry) => entry.isSymbolicLink() && !isSideFolder(entry.name));
  if (links.length)
    warnings.push(
      `${links.length} links in the data set, such as ${links[0].name}, were not followed: put the folders themselves there.`,
    );
  const there = entries.filter(
    (entry) => entry.isDirectory() && !isSideFolder(entry.name) && join(root, entry.name) !== except,
  );
  const names = new Set(there.map(({ name }) => name));
  for (const name of elsewhere) names.add(name.split('/', 1)[0]);
  const classes: ClassFolder[] = [];
  for (const name of [...names].sort(byName)) classes.push(await scanClass(root, name, elsewhere));
  if (!classes.length) throw noClasses(root);
  return { classes, warnings };
}

async function scanClass(root: string, upc: string, elsewhere: readonly string[]): Promise<ClassFolder> {
  const found: Found = { files: [], leftOut: [] };
  await walk(root, join(root, upc), found);
  const known = new Set(found.files);
  found.files.push(...elsewhere.filter((name) => name.startsWith(`${upc}/`) && !known.has(name)));
  const scan: ClassFolder = {
    upc,
    folders: await foldersOf(root, upc),
    originals: { syn: [], real: [] },
    made: { syn: [], real: [] },
    leftOut: found.leftOut,
  };
  for (const file of found.files.sort(byName)) {
    const parts = file.split('/');
    const target = (parts.length > 2 && targetOf(parts[1])) || 'real';
    scan[isMade(basename(file)) ? 'made' : 'originals'][target].push(file);
  }
  return scan;
}

/** The folders that are there, as they are written; the usual ones where none is. */
async function foldersOf(root: string, upc: string): Promise<Record<Target, string>> {
  const entries = await ifThere(readdir(join(root, upc), { withFileTypes: true }), []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const pick = (target: Target) => {
    const fitting = folders.filter((name) => targetOf(name) === target).sort(byName);
    const [usual] = FOLDER_NAMES[target];
    return `${upc}/${fitting.includes(usual) ? usual : (fitting[0] ?? usual)}`;
  };
  return { syn: pick('syn'), real: pick('real') };
}

async function walk(root: string, folder: string, found: Found): Promise<void> {
  const entries = await ifThere<Dirent[]>(readdir(folder, { withFileTypes: true }), []);
  for (const entry of entries.sort((a, b) => byName(a.name, b.name))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!isSideFolder(entry.name)) await walk(root, path, found);
    } else if (isPicture(entry.name)) {
      const file = relative(root, path).split(sep).join('/');
      const reason = await notUsable(root, path, entry);
      if (reason === undefined) found.files.push(file);
      else found.leftOut.push({ file, reason });
    }
  }
}

/** Why an entry with a picture's name is none; undefined where it may be one. */
async function notUsable(root: string, path: string, entry: Dirent): Promise<string | undefined> {
  if (entry.isSymbolicLink()) {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) return 'a link that leads nowhere';
    if (!real.startsWith(root + sep)) return 'a link that leads out of the data set';
    if (!(await stat(real)).isFile()) return 'a link that leads to no file';
    return undefined;
  }
  return entry.isFile() ? undefined : 'not a file';
}

/** The pictures below a folder of any shape, such as backgrounds. */
export async function scanPictures(root: string): Promise<Found> {
  const found: Found = { files: [], leftOut: [] };
  await walk(root, root, found);
  return { ...found, files: found.files.sort(byName) };
}

/** The numbers that the made pictures of a target have. */
export function indexesOf(files: readonly string[]): Set<number> {
  return new Set(files.map((file) => indexOf(basename(file))).filter((index) => index !== undefined));
}

/** How many pictures a class has, whatever they are worth. */
export function countOf({ originals, made }: ClassFolder): number {
  return TARGETS.reduce((sum, target) => sum + originals[target].length + made[target].length, 0);
}

async function ifThere<T>(look: Promise<T>, otherwise: T): Promise<T> {
  return look.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  });
}

function noClasses(root: string): VitrineError {
  return new VitrineError({
    code: 'NOT_FOUND',
    message: `There is no class in the data set ${basename(root)}: it has no folders with pictures`,
    hint: 'Put the pictures of each product into a folder of its UPC, and those into syn, synthetic or real: <data set>/<UPC>/real/photo.jpg.',
  });
}
