import { hash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Codes of a path where nothing is. */
const ABSENT = ['ENOENT', 'ENOTDIR'];

/**
 * What `look` finds, or undefined where the path leads to nothing.
 * @throws every other error of `node:fs`
 */
export async function ifThere<T>(look: Promise<T>): Promise<T | undefined> {
  return look.catch((error: NodeJS.ErrnoException) => {
    if (ABSENT.includes(error.code ?? '')) return undefined;
    throw error;
  });
}

/**
 * Device and inode of what a path leads to: the same through every link, name and way of writing it.
 * @returns undefined where nothing is
 */
export async function fileId(path: string): Promise<string | undefined> {
  const info = await ifThere(stat(path, { bigint: true }));
  return info && `${info.dev}:${info.ino}`;
}

/** SHA-256 of a file of the size of a picture: hexadecimal. */
export async function contentId(path: string): Promise<string> {
  return hash('sha256', await readFile(path));
}

/** The files that a run reads and must never write, whatever name or link leads to them. */
export class Originals {
  private readonly ids = new Set<string>();
  private readonly paths = new Set<string>();

  static async of(files: readonly string[]): Promise<Originals> {
    const originals = new Originals();
    await Promise.all(files.map((file) => originals.add(file)));
    return originals;
  }

  async has(path: string): Promise<boolean> {
    const id = await fileId(path);
    // The path as well: an editor that saves a photo during the run gives it a new inode.
    return id !== undefined && (this.ids.has(id) || this.paths.has(await realpath(path)));
  }

  private async add(file: string): Promise<void> {
    const id = await fileId(file);
    if (id === undefined) return;
    this.ids.add(id);
    this.paths.add(await realpath(file));
  }
}

/** Where photos are looked for. */
export interface Place {
  folder: string;
  /** Folders below it as well. */
  deep: boolean;
}

/** The folders that a run takes its photos from. */
export class Places {
  private constructor(
    private readonly flat: Set<string | undefined>,
    private readonly deep: Set<string | undefined>,
  ) {}

  static async of(places: readonly Place[]): Promise<Places> {
    const ids = async (deep: boolean) => {
      const folders = new Set(places.filter((place) => place.deep === deep).map(({ folder }) => folder));
      return new Set(await Promise.all([...folders].map(fileId)));
    };
    return new Places(await ids(false), await ids(true));
  }

  /** @param folder one that exists */
  async include(folder: string): Promise<boolean> {
    let real = await realpath(folder);
    if (this.flat.has(await fileId(real))) return true;
    while (!this.deep.has(await fileId(real))) {
      if (real === dirname(real)) return false;
      real = dirname(real);
    }
    return true;
  }
}
