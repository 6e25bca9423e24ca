import { constants, createWriteStream } from 'node:fs';
import { open, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type FileLimit, VitrineError, invalid, tooManyBytes } from '../contracts';

/** What is said of files that are gone by now, that this user may not read, and that are sockets or devices without a driver. */
const CLOSED = ['ENOENT', 'EACCES', 'EPERM', 'ELOOP', 'ENXIO', 'ENODEV'];

/** What a request names by its path. */
interface DataFile extends FileLimit {
  /** The field that named it, for the errors. */
  field: string;
  path: string;
}

/**
 * Copies a file of this machine that a request names into the job's folder, so that nobody can change it meanwhile. It
 * has to lie under one of the roots when all links on the way are followed.
 * @param roots full paths of folders
 * @throws VitrineError FORBIDDEN outside of the roots, whether there is such a file or not; INVALID_PARAMETER where none
 *   is; TOO_LARGE
 */
export async function copyDataFile(
  { field, path, kind, maxBytes }: DataFile,
  roots: readonly string[],
  target: string,
): Promise<void> {
  if (!roots.length) throw noRoots(field);
  if (!isAbsolute(path))
    throw invalid(field, 'a full path on the machine of the engine, or an address', path);
  const real = await resolved(path);
  const place = real ?? (await placeOf(path));
  if (place === undefined || !(await isBelow(place, roots))) throw outside(field, path);
  if (real === undefined) throw noFile(field, path);
  // Neither through a link that was put there just now, nor waiting for who writes into a pipe.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw CLOSED.includes(error.code ?? '') ? noFile(field, path) : error;
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw noFile(field, path);
    if (info.size > maxBytes) throw tooManyBytes(kind, maxBytes);
    await pipeline(file.createReadStream({ autoClose: false, end: maxBytes - 1 }), createWriteStream(target));
  } finally {
    await file.close();
  }
}

/**
 * Where a folder of this machine is that a request names: below one of the roots when all links on the way are followed.
 * @param field the field that named it, for the errors
 * @param roots full paths of folders
 * @returns its path without links
 * @throws VitrineError FORBIDDEN outside of the roots, whether there is such a folder or not; INVALID_PARAMETER where none is
 */
export async function dataFolder(field: string, path: string, roots: readonly string[]): Promise<string> {
  if (!roots.length) throw noRoots(field);
  if (!isAbsolute(path)) throw invalid(field, 'a full path on the machine of the engine', path);
  const real = await resolved(path);
  const place = real ?? (await placeOf(path));
  if (place === undefined || !(await isBelow(place, roots))) throw outside(field, path);
  if (real !== undefined && (await stat(real)).isDirectory()) return real;
  const hint = 'The path is looked up on the machine of the engine: check it there.';
  throw invalid(field, 'the path of a folder', path.slice(0, 200), hint);
}

/** A path without links; undefined where it leads nowhere, whatever is in the way: that is not told of other folders. */
async function resolved(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}

/**
 * Where a file would lie that is not there, without links; undefined behind a link that leads nowhere. So nobody learns
 * what is missing at the other end of a link.
 */
async function placeOf(path: string): Promise<string | undefined> {
  if (await readlink(path).catch(() => undefined)) return undefined;
  const folder = dirname(path);
  if (folder === path) return path;
  const real = (await resolved(folder)) ?? (await placeOf(folder));
  return real === undefined ? undefined : join(real, relative(folder, path));
}

/** @param path without links */
async function isBelow(path: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    const way = relative((await resolved(root)) ?? root, path);
    if (way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return true;
  }
  return false;
}

function noRoots(field: string): VitrineError {
  return new VitrineError({
    code: 'FORBIDDEN',
    message: `This engine reads no files by their path, which ${field} asks for`,
    hint:
      'Start it with VITRINE_DATA_ROOTS, the folders that requests may name files in, or send the file itself or its ' +
      'public address.',
  });
}

function outside(field: string, path: string): VitrineError {
  return new VitrineError({
    code: 'FORBIDDEN',
    message: `${field} ${JSON.stringify(path.slice(0, 200))} does not lie in a folder that requests may name files in`,
    hint: 'Move the file below one of VITRINE_DATA_ROOTS, or add its folder there; links count as where they lead.',
  });
}

function noFile(field: string, path: string): VitrineError {
  const hint =
    'The path is looked up on the machine of the engine: check it there, that it names a file that this job takes, and that the engine may read it.';
  return invalid(field, 'the path of a file', path.slice(0, 200), hint);
}
