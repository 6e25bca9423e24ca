import { randomUUID } from 'node:crypto';
import { type Dirent } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { VitrineError, invalid } from '../contracts';
import { moveFile } from '../engine';
import { type Originals, ifThere } from './files';
import { checkOutputFolder } from './outputs';

/** What is told of the frames; by it a later run knows which files are an earlier one's. */
export const RESULT_FILE = 'segment.json';

const FRAME = /^frame_\d{4,}\.(png|webp|jpg)$/;
const OTHERS = /^(contact-sheet\.(jpg|png|webp)|preview\.(webm|webp|gif)|frames\.zip)$/;

/** A finished file, and its name in the folder. */
export interface NamedFile {
  file: string;
  name: string;
}

/**
 * The folder that a video's frames go to. Those of an earlier run are replaced whole, or stay whole; other files in it
 * are never touched.
 */
export class FramesFolder {
  private constructor(
    readonly path: string,
    private readonly originals: Originals,
  ) {}

  /**
   * Looks before the work whether the folder can take frames.
   * @param originals what the run reads
   * @throws VitrineError OUTPUT_EXISTS where files are in the way that no earlier run made, INVALID_PARAMETER where one is
   *   an original; the errors of `node:fs`
   */
  static async open(path: string, originals: Originals): Promise<FramesFolder> {
    const folder = new FramesFolder(path, originals);
    await checkOutputFolder(path);
    await folder.earlier();
    return folder;
  }

  /**
   * Puts files in the place of those of an earlier run.
   * @throws as `open`; the folder is as it was then
   */
  async replace(files: readonly NamedFile[]): Promise<void> {
    const made = await mkdir(this.path, { recursive: true });
    const aside = join(this.path, `.vitrine-${randomUUID()}.part`);
    const [fresh, old] = [join(aside, 'new'), join(aside, 'old')];
    const undo: (() => Promise<void>)[] = [];
    try {
      await mkdir(fresh, { recursive: true });
      await mkdir(old);
      // First across file systems, where a disk may be full, then by names only.
      for (const { file, name } of files) await moveFile(file, join(fresh, name));
      for (const name of await this.earlier()) {
        await rename(join(this.path, name), join(old, name));
        undo.push(() => rename(join(old, name), join(this.path, name)));
      }
      for (const { name } of files) {
        const target = join(this.path, name);
        await moveFile(join(fresh, name), target, false).catch((error: NodeJS.ErrnoException) => {
          throw error.code === 'EEXIST' ? inTheWay(target) : error;
        });
        undo.push(() => rm(target));
      }
    } catch (error) {
      // Should this fail too, what was moved aside stays there.
      for (const step of undo.reverse()) await step();
      await rm(aside, { recursive: true, force: true });
      if (made !== undefined) await removeEmpty(resolve(this.path), resolve(made));
      throw error;
    }
    await rm(aside, { recursive: true, force: true });
  }

  /** Names of the files that an earlier run left here. */
  private async earlier(): Promise<string[]> {
    const entries = (await ifThere(readdir(this.path, { withFileTypes: true }))) ?? [];
    const mayBeOurs = entries.filter(
      ({ name }) => name === RESULT_FILE || FRAME.test(name) || OTHERS.test(name),
    );
    if (!mayBeOurs.length) return [];
    const listed = await this.listed();
    const isOurs = (entry: Dirent) => entry.isFile() && listed.has(entry.name);
    const ours = mayBeOurs.filter(isOurs).map(({ name }) => name);
    // A sheet or a preview of somebody's own is in the way when there is to be another, and is seen then.
    const foreign = mayBeOurs.find((entry) => !isOurs(entry) && !OTHERS.test(entry.name));
    if (foreign) throw inTheWay(join(this.path, foreign.name));
    for (const name of ours) {
      const path = join(this.path, name);
      if (await this.originals.has(path)) throw originalLost(path);
    }
    return ours;
  }

  /** What the folder's result says is its own, and the result itself; nothing where there is none. */
  private async listed(): Promise<Set<string>> {
    const text = await ifThere(readFile(join(this.path, RESULT_FILE), 'utf8'));
    const artifacts = text === undefined ? undefined : artifactsOf(text);
    return new Set(artifacts && [RESULT_FILE, ...artifacts]);
  }
}

/** Undefined for what is no result of ours. */
function artifactsOf(text: string): string[] | undefined {
  try {
    const { artifacts, frames } = JSON.parse(text) as { artifacts?: unknown; frames?: unknown };
    if (!Array.isArray(frames) || typeof artifacts !== 'object' || artifacts === null) return undefined;
    return Object.values(artifacts).filter((name) => typeof name === 'string' && name === basename(name));
  } catch {
    return undefined;
  }
}

/** Takes empty folders away, from `folder` up to `last`. */
async function removeEmpty(folder: string, last: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    // Another video's frames have come into it.
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
    throw error;
  }
  if (folder !== last) await removeEmpty(dirname(folder), last);
}

function inTheWay(path: string): VitrineError {
  return new VitrineError({
    code: 'OUTPUT_EXISTS',
    message: `${path} is there, and no earlier run of this command says that it made it`,
    hint: 'Choose another folder for --out, or move the file away.',
  });
}

function originalLost(path: string): VitrineError {
  return invalid(
    'every output',
    'another file than the originals of this run',
    path,
    'Your original would be lost: choose another folder for --out.',
  );
}
