import { constants, createWriteStream } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { VitrineError, invalid } from '../contracts';
import { tooLarge } from './download';

/** What a request names by its path. */
interface DataFile {
  /** The field that named it, for the errors. */
  field: string;
  path: string;
  /** Bytes that it may have. */
  maxBytes: number;
}

/**
 * Copies a file of this machine that a request names into the job's folder, so that nobody can change it meanwhile. It
 * has to lie under one of the roots when all links on the way are followed.
 * @param roots full paths of folders
 * @throws VitrineError FORBIDDEN outside of the roots, whether there is such a file or not; INVALID_PARAMETER where none
 *   is; TOO_LARGE
 */
export async function copyDataFile(
  { field, path, maxBytes }: DataFile,
  roots: readonly string[],
  target: string,
): Promise<void> {
  if (!roots.length) throw noRoots(field);
  if (!isAbsolute(path))
    throw invalid(field, 'a full path on the machine of the engine, or an address', path);
  const real = await resolved(path);
  if (!(await isBelow(real ?? path, roots))) throw outside(field, path);
  if (real === undefined) throw noFile(field, path);
  // Neither through a link that was put there just now, nor waiting for who writes into a pipe.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const info = await file.stat();
    if (!info.isFile()) throw noFile(field, path);
    if (info.size > maxBytes) throw tooLarge(maxBytes);
    await pipeline(file.createReadStream({ autoClose: false, end: maxBytes - 1 }), createWriteStream(target));
  } finally {
    await file.close();
  }
}

/** A path without links; undefined where it leads nowhere, whatever is in the way: that is not told of other folders. */
async function resolved(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}

async function isBelow(path: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    // One that is a link counts as where it leads, and by its own name for paths that lead nowhere.
    for (const folder of [await resolved(root), root]) {
      if (folder === undefined) continue;
      const way = relative(folder, path);
      if (way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return true;
    }
  }
  return false;
}

function noRoots(field: string): VitrineError {
  return new VitrineError({
    code: 'FORBIDDEN',
    message: `This engine reads no files by their path, which ${field} asks for`,
    hint:
      'Start it with VITRINE_DATA_ROOTS, the folders that requests may name files in, or send the picture itself or its ' +
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
    'The path is looked up on the machine of the engine: check it there, and that it names a picture.';
  return invalid(field, 'the path of a file', path.slice(0, 200), hint);
}
