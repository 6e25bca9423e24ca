import { constants } from 'node:fs';
import { access, lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { VitrineError, invalid } from '../contracts';
import { moveFile } from '../engine';
import { Originals, type Place, Places, fileId, ifThere } from './files';
import { ResultNotes } from './result-notes';

const ON_EXISTING = ['overwrite', 'skip', 'error'] as const;
export type OnExisting = (typeof ON_EXISTING)[number];

export const ON_EXISTING_HELP =
  `${ON_EXISTING.join('|')} when a file is there already ` +
  '(default: overwrite, but among photos only what an earlier run made)';

/** A finished file, and where it goes. */
interface Made {
  file: string;
  target: string;
}

interface Settings {
  /** All that the run reads. */
  files: readonly string[];
  places: readonly Place[];
  notes?: ResultNotes;
  /**
   * What becomes of a file that is there already. Left out: it is replaced, but among photos only when it is a result
   * that nobody has changed.
   */
  onExisting?: OnExisting;
}

/** @throws VitrineError INVALID_PARAMETER */
export function readOnExisting(value: string | undefined): OnExisting | undefined {
  const choice = ON_EXISTING.find((one) => one === value);
  if (choice || value === undefined) return choice;
  throw invalid('--on-existing', `one of ${ON_EXISTING.join(', ')}`, value);
}

/**
 * Sees to it before any work that results can be written to a folder, or that it can be made.
 * @throws the errors of `node:fs`
 */
export async function checkOutputFolder(folder: string): Promise<void> {
  const path = resolve(folder);
  try {
    // With the separator a file is refused.
    await access(path + sep, constants.W_OK | constants.X_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === dirname(path)) throw error;
    await checkOutputFolder(dirname(path));
  }
}

/**
 * Makes a folder that results can be written to.
 * @throws the errors of `node:fs`
 */
export async function makeOutputFolder(folder: string): Promise<void> {
  await checkOutputFolder(folder);
  await mkdir(folder, { recursive: true });
}

/** All that a run writes. No file that it reads is ever among it, and no two results share a name. */
export class Outputs {
  /** Who makes which file, by its real path. */
  private readonly makers = new Map<string, string>();
  /** The same for files that are made, by identity: on some file systems `A.png` is `a.png`. */
  private readonly made = new Map<string | undefined, string>();
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly originals: Originals,
    private readonly places: Places,
    private readonly notes: ResultNotes,
    private readonly onExisting?: OnExisting,
  ) {}

  static async of({ files, places, notes = new ResultNotes(), onExisting }: Settings): Promise<Outputs> {
    return new Outputs(await Originals.of(files), await Places.of(places), notes, onExisting);
  }

  /**
   * Claims files for `maker`, before the work or at the latest when they are delivered.
   * @returns those that have to be made; the others are there and stay
   * @throws VitrineError INVALID_PARAMETER for an original of the run, OUTPUT_EXISTS; the errors of `node:fs`
   */
  async claim(targets: readonly string[], maker: string): Promise<string[]> {
    const open: string[] = [];
    for (const target of targets) if ((await this.claimOne(target, maker)) !== 'keep') open.push(target);
    return open;
  }

  /** Does a file that `skip` keeps lie at each of these places? */
  async areThere(targets: readonly string[]): Promise<boolean> {
    for (const target of targets) {
      if (!(await ifThere(lstat(target))) || (await this.originals.has(target))) return false;
      if (!(await this.mayBeResult(target))) return false;
    }
    return true;
  }

  /**
   * Moves finished files to their places. When one fails, those that were not there before are taken away again.
   * @param sources the photos that they were made from
   * @throws as `claim`
   */
  deliver(made: readonly Made[], maker: string, sources: readonly string[]): Promise<void> {
    // One after the other: no other result of this run may come between the look and the move.
    const turn = this.last.then(() => this.deliverNow(made, maker, sources));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async deliverNow(made: readonly Made[], maker: string, sources: readonly string[]): Promise<void> {
    const fresh: string[] = [];
    try {
      for (const { file, target } of made) {
        const verdict = await this.claimOne(target, maker);
        if (verdict === 'keep') continue;
        if (await this.isAmongPhotos(target)) await this.notes.add(file, target, sources);
        const replace = verdict === 'replace' || (await this.replacesAnything(target));
        await moveFile(file, target, replace).catch((error: NodeJS.ErrnoException) => {
          throw error.code === 'EEXIST' ? isThere(target) : error;
        });
        if (verdict === 'create') fresh.push(target);
        this.made.set(await fileId(target), maker);
      }
    } catch (error) {
      await Promise.all(fresh.map((target) => rm(target, { force: true })));
      throw error;
    }
  }

  private async claimOne(target: string, maker: string): Promise<'create' | 'replace' | 'keep'> {
    const folder = dirname(resolve(target));
    const path = join((await ifThere(realpath(folder))) ?? folder, basename(target));
    const id = await fileId(target);
    const other = this.makers.get(path) ?? (id && this.made.get(id));
    if (other !== undefined && other !== maker) {
      throw new VitrineError({
        code: 'OUTPUT_EXISTS',
        message: `${target} would come from ${other} and from ${maker}`,
        hint: 'Rename one of them, or choose another place for one of the results.',
      });
    }
    this.makers.set(path, maker);
    return this.verdict(target);
  }

  private async verdict(target: string): Promise<'create' | 'replace' | 'keep'> {
    const info = await ifThere(lstat(target));
    if (!info) return 'create';
    if (await this.originals.has(target)) throw originalLost(target);
    if (info.isDirectory()) {
      throw invalid('every output', 'a file', target, 'A folder of that name is there: choose another name.');
    }
    if (this.onExisting === 'error') throw isThere(target);
    if (await this.replacesAnything(target)) return 'replace';
    if (this.onExisting === 'skip') {
      if (await this.mayBeResult(target)) return 'keep';
    } else if (await this.notes.isUnchanged(target)) return 'replace';
    throw mayBePhoto(target);
  }

  private async replacesAnything(target: string): Promise<boolean> {
    if (this.onExisting !== undefined) return this.onExisting === 'overwrite';
    return !(await this.isAmongPhotos(target));
  }

  private async mayBeResult(target: string): Promise<boolean> {
    return !(await this.isAmongPhotos(target)) || (await this.notes.sources(target)) !== undefined;
  }

  /** Could a later run over the same places take it for a photo? */
  private isAmongPhotos(target: string): Promise<boolean> {
    return this.places.include(dirname(target));
  }
}

function originalLost(target: string): VitrineError {
  return invalid(
    'every output',
    'another file than the originals of this run',
    target,
    'Your original would be lost: choose another name or folder.',
  );
}

function isThere(target: string): VitrineError {
  return new VitrineError({
    code: 'OUTPUT_EXISTS',
    message: `${target} is there already`,
    hint: 'Remove it, or use --on-existing overwrite or skip.',
  });
}

function mayBePhoto(target: string): VitrineError {
  return new VitrineError({
    code: 'OUTPUT_EXISTS',
    message: `${target} is there, and is not as an earlier run left it: it may be a photo, or work of yours`,
    hint: 'Move it away, choose another folder, or give --on-existing overwrite to replace it.',
  });
}
