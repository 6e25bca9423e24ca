import { constants } from 'node:fs';
import { open, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { contentId, ifThere } from './files';

/** Lies beside results that were written among photos; a line of JSON for each, appended by every run. */
const NOTE = '.vitrine-results';

/** What is known of a result. */
interface Entry {
  name: string;
  /** SHA-256 of its content when it was made. */
  sha256: string;
  /** The photos that it was made from, as seen from its folder. */
  from: string[];
}

/**
 * Tells results of earlier runs from photos, where both lie in one folder: by the note in that folder, which moves and
 * is copied along with them.
 */
export class ResultNotes {
  private readonly folders = new Map<string, Promise<Map<string, Entry>>>();

  /** The photos that `file` was made from; undefined when it is no result. */
  async sources(file: string): Promise<string[] | undefined> {
    const entry = await this.find(file);
    if (!entry) return undefined;
    const folder = await realpath(dirname(file));
    return entry.from.map((path) => resolve(folder, path));
  }

  /** Is it a result that nobody has changed since? */
  async isUnchanged(file: string): Promise<boolean> {
    const entry = await this.find(file);
    return entry !== undefined && entry.sha256 === (await contentId(file));
  }

  /**
   * Notes what is about to be written.
   * @param made the finished file, which will be moved to `target`
   * @throws the errors of `node:fs`
   */
  async add(made: string, target: string, sources: readonly string[]): Promise<void> {
    const folder = dirname(resolve(target));
    const entry: Entry = {
      name: basename(target),
      sha256: await contentId(made),
      // In order, so that the same result is noted once, whichever photo was done first.
      from: (await Promise.all(sources.map((source) => pathFrom(folder, source)))).sort(),
    };
    const known = await this.read(folder);
    if (JSON.stringify(known.get(entry.name)) === JSON.stringify(entry)) return;
    const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants;
    const note = await open(join(folder, NOTE), O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o666);
    try {
      // On a line of its own, even after one that a crash cut short.
      await note.appendFile(`\n${JSON.stringify(entry)}\n`);
    } finally {
      await note.close();
    }
    known.set(entry.name, entry);
  }

  private async find(file: string): Promise<Entry | undefined> {
    return (await this.read(dirname(resolve(file)))).get(basename(file));
  }

  private read(folder: string): Promise<Map<string, Entry>> {
    const entries = this.folders.get(folder) ?? readEntries(join(folder, NOTE));
    this.folders.set(folder, entries);
    return entries;
  }
}

/** Through linked folders, so that it holds whichever way they are entered; a photo that is a link stays one. */
async function pathFrom(folder: string, file: string): Promise<string> {
  const real = join(await realpath(dirname(file)), basename(file));
  return relative(await realpath(folder), real)
    .split(sep)
    .join('/');
}

async function readEntries(note: string): Promise<Map<string, Entry>> {
  const text = (await ifThere(readFile(note, 'utf8'))) ?? '';
  const entries = text.split('\n').map(parseEntry);
  return new Map(entries.filter((entry) => entry !== undefined).map((entry) => [entry.name, entry]));
}

/** A line that a crash cut short, or somebody else wrote, says nothing. */
function parseEntry(line: string): Entry | undefined {
  try {
    const { name, sha256, from } = JSON.parse(line) as Entry;
    const valid = typeof name === 'string' && typeof sha256 === 'string' && Array.isArray(from);
    return valid && from.every((path) => typeof path === 'string') ? { name, sha256, from } : undefined;
  } catch {
    return undefined;
  }
}
