import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { VitrineError } from '../contracts';
import { type Place, fileId, ifThere } from './files';

/** What systems put into folders of photos: previews, views, icons, and the AppleDouble half of each file. */
const SIDE_FILE = /^(\._.*|\.DS_Store|(eh)?thumbs\.db|desktop\.ini|icon\r)$/i;

export interface Inputs {
  files: string[];
  /** Named as a folder, a glob or several files: each result gets a name of its own. */
  many: boolean;
  places: Place[];
}

/**
 * The files that the arguments name, each once: a file, every file of a folder (subfolders, hidden files and the
 * system's side files not), a glob.
 * @throws VitrineError NOT_FOUND; the errors of `node:fs`
 */
export async function listInputs(args: string[]): Promise<Inputs> {
  const lists = await Promise.all(args.map(listInput));
  const files = lists.flatMap((list) => list.files);
  return {
    // A shell that takes a glob apart names side files one by one.
    files: await eachOnce(args.length > 1 ? files.filter((file) => !isSideFile(file)) : files),
    many: lists.length > 1 || lists[0].many,
    places: lists.flatMap((list) => list.places),
  };
}

async function listInput(arg: string): Promise<Inputs> {
  const dynamic = isDynamicPattern(arg);
  const info = await ifThere(stat(arg)).catch((error) => {
    if (dynamic) return undefined;
    throw error;
  });
  if (info?.isFile()) return { files: [arg], many: false, places: [{ folder: dirname(arg), deep: false }] };
  if (info?.isDirectory()) return listFolder(arg);
  if (info) throw notFound(arg, 'is neither a file nor a folder');
  if (!dynamic) throw notFound(arg, 'does not exist');
  const files = (await glob(arg, { onlyFiles: true, expandDirectories: false })).filter(
    (file) => !isSideFile(file),
  );
  if (!files.length) throw notFound(arg, 'matches no file');
  return { files: files.sort(), many: true, places: [{ folder: globBase(arg), deep: true }] };
}

async function listFolder(folder: string): Promise<Inputs> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && !isSideFile(name)).sort();
  const paths = names.map((name) => join(folder, name));
  const files: string[] = [];
  for (const path of paths) if (await mayBePhoto(path)) files.push(path);
  if (!files.length) throw notFound(folder, 'is an empty folder');
  return { files, many: true, places: [{ folder, deep: false }] };
}

/** Folders and pipes are none; a link that leads nowhere is told of when its turn comes. */
async function mayBePhoto(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info === undefined || info.isFile();
}

/** A file that two arguments name, or that a linked folder leads to, is one photo; a link with a name of its own is two. */
async function eachOnce(files: string[]): Promise<string[]> {
  const known = new Map<string, string>();
  for (const file of files) {
    const id = await fileId(file).catch(() => undefined);
    const key = `${id ?? dirname(file)} ${basename(file)}`;
    if (!known.has(key)) known.set(key, file);
  }
  return [...known.values()];
}

/** The folder that a glob begins in. */
function globBase(pattern: string): string {
  const parts = pattern.split('/');
  const fixed = parts.findIndex((part) => isDynamicPattern(part));
  return parts.slice(0, fixed).join('/') || (pattern.startsWith('/') ? '/' : '.');
}

function isSideFile(path: string): boolean {
  return SIDE_FILE.test(basename(path));
}

function notFound(arg: string, what: string): VitrineError {
  return new VitrineError({
    code: 'NOT_FOUND',
    message: `${arg} ${what}`,
    hint: 'Name a picture, a folder with pictures, or a quoted glob such as "photos/*.jpg".',
  });
}
