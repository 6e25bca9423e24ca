import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { FORMATS, type OutputFormat, VitrineError, invalid } from '../contracts';

export interface Item {
  input: string;
  /** Where the result goes. */
  output: string;
}

/**
 * The files that the arguments name: a file, every file of a folder (hidden ones apart, subfolders not), a glob.
 * @throws VitrineError NOT_FOUND, INVALID_PARAMETER
 */
export async function listInputs(args: string[]): Promise<{ files: string[]; many: boolean }> {
  const lists = await Promise.all(args.map(listInput));
  return {
    files: [...new Set(lists.flatMap(({ files }) => files))],
    many: lists.length > 1 || lists[0].many,
  };
}

async function listInput(arg: string): Promise<{ files: string[]; many: boolean }> {
  const info = await stat(arg).catch(() => undefined);
  if (info?.isFile()) return { files: [arg], many: false };
  if (info?.isDirectory()) {
    const entries = await readdir(arg, { withFileTypes: true });
    const files = entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => join(arg, name));
    if (!files.length) throw notFound(arg, 'is an empty folder');
    return { files: files.sort(), many: true };
  }
  if (!isDynamicPattern(arg)) throw notFound(arg, 'does not exist');
  const files = await glob(arg, { onlyFiles: true, expandDirectories: false });
  if (!files.length) throw notFound(arg, 'matches no file');
  return { files: files.sort(), many: true };
}

/**
 * Says where each result goes: to `target` itself for one file, or into the folder `target` as `<stem>.<ext>`.
 * @param format undefined: known only once the photo is read; the ending is then set with `withExtension`
 */
export async function planOutputs(
  files: string[],
  many: boolean,
  target: string,
): Promise<{ items: Item[]; folder: boolean }> {
  const existing = await stat(target).catch(() => undefined);
  const folder = many || /[\\/]$/.test(target) || Boolean(existing?.isDirectory());
  if (folder && existing?.isFile()) {
    throw invalid(
      '--out',
      'a folder when there are several pictures',
      target,
      'Name a folder, or give one picture only.',
    );
  }
  const items = files.map((input) => ({ input, output: folder ? join(target, stem(input)) : target }));
  return { items, folder };
}

/** The ending of a result in a folder. */
export function withExtension(path: string, format: OutputFormat): string {
  return `${path}.${FORMATS[format].extension}`;
}

/** The format that a file name asks for; undefined where it has no ending we write. */
export function formatOf(path: string): OutputFormat | undefined {
  const ending = extname(path).slice(1).toLowerCase();
  if (ending === 'jpeg') return 'jpeg';
  return (Object.keys(FORMATS) as OutputFormat[]).find((format) => FORMATS[format].extension === ending);
}

/** `a/b.c.jpg` is `b.c`. */
export function stem(path: string): string {
  return basename(path, extname(path));
}

/** @throws VitrineError INVALID_PARAMETER when a result would replace its own photo */
export function refuseOverwritingInput(input: string, output: string): void {
  if (resolve(input) === resolve(output)) {
    throw invalid(
      '--out',
      'another file than the photo itself',
      output,
      'Your original would be lost: choose another name or folder.',
    );
  }
}

function notFound(arg: string, what: string): VitrineError {
  return new VitrineError({
    code: 'NOT_FOUND',
    message: `${arg} ${what}`,
    hint: 'Name a picture, a folder with pictures, or a quoted glob such as "photos/*.jpg".',
  });
}
