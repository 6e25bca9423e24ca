import { realpath, stat } from 'node:fs/promises';
import { type PictureName, invalid } from '../../contracts';
import { type Looking, readPictures } from './originals';
import { scanPictures } from './scan';

export interface Backgrounds {
  /** A full path without links; undefined where backgrounds are drawn. */
  root?: string;
  /** Named below `root`; each once. */
  pictures: PictureName[];
  warnings: string[];
}

/**
 * @param root as `folderOf` gives it
 * @throws VitrineError INVALID_PARAMETER for a folder without pictures
 */
export async function readBackgrounds(root: string | undefined, looking: Looking): Promise<Backgrounds> {
  if (root === undefined) return { pictures: [], warnings: [] };
  const { files } = await scanPictures(root);
  const { pictures, failures } = await readPictures(root, files, looking);
  // Copies are as likely as one; of each the first name stands in the records.
  const each = new Map<string, PictureName>();
  for (const { file, sha256 } of pictures.values())
    if (!each.has(sha256)) each.set(sha256, { name: file, sha256 });
  if (!each.size) {
    const hint = 'Put pictures there, or leave it out: backgrounds are drawn then.';
    throw invalid('backgrounds_path', 'a folder with pictures that can be read', root, hint);
  }
  const warnings = [...failures].map(([file, reason]) => `The background ${file} was left out: ${reason}.`);
  return { root, pictures: [...each.values()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)), warnings };
}

/**
 * @param field the parameter that names it
 * @returns the folder's path without links
 * @throws VitrineError INVALID_PARAMETER where there is no folder
 */
export async function folderOf(field: string, path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined && (await stat(real)).isDirectory()) return real;
  const hint = 'The path is looked up on the machine that does the work: check it there.';
  throw invalid(field, 'the path of a folder', path, hint);
}
