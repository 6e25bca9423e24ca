import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VitrineError, cancelled, loadLockfile } from '../../contracts';

/** A run that was killed holds its lock for this long; one that goes on renews it. */
const STALE_MS = 10_000;
const RENEW_MS = 2_500;
const LOOK_AGAIN_MS = 250;

/**
 * The folder beside a data set that holds all but its pictures: outside of it, so that nobody takes it for a class.
 * `records.jsonl` tells how each picture was made, `state.json` what is known of the sources, `cutouts/<sha256>.png` are
 * the sources' cutouts, `masks/` the masks, by the pictures' names.
 */
export class Companion {
  private constructor(
    readonly root: string,
    /** Aborted when the lock was lost. */
    readonly signal: AbortSignal,
    private readonly release: () => Promise<void>,
  ) {}

  /**
   * Makes the folder and locks the data set; what a killed run left half-made is removed.
   * @param dataset a full path without links
   * @throws VitrineError DATASET_BUSY where another run holds it, CANCELLED; the errors of `node:fs`
   */
  static async open(dataset: string, signal: AbortSignal): Promise<Companion> {
    const root = companionOf(dataset);
    await mkdir(root, { recursive: true });
    const lost = new AbortController();
    const release = await lockFolder(root, signal, (error) => lost.abort(error));
    const companion = new Companion(root, lost.signal, release);
    try {
      await companion.emptyMaking();
    } catch (error) {
      await companion.close();
      throw error;
    }
    return companion;
  }

  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  get records(): string {
    return this.path('records.jsonl');
  }

  get cutouts(): string {
    return this.path('cutouts');
  }

  /** Where pictures lie until they are whole and in the records. */
  get making(): string {
    return this.path('.making');
  }

  /** Writes a file whole or not at all. */
  async write(name: string, content: string): Promise<string> {
    const path = this.path(name);
    await writeWhole(path, (part) => writeFile(part, content));
    return path;
  }

  /** Gives the lock back. */
  async close(): Promise<void> {
    await rm(this.making, { recursive: true, force: true }).catch(() => undefined);
    await this.release();
  }

  private async emptyMaking(): Promise<void> {
    await rm(this.making, { recursive: true, force: true });
    await mkdir(this.making);
    await mkdir(this.cutouts, { recursive: true });
  }
}

/** @param dataset a full path */
export function companionOf(dataset: string): string {
  return join(dirname(dataset), `${basename(dataset)}-augmentation`);
}

/** Has `fill` write a file beside `path`, and puts it in its place when it is whole. */
export async function writeWhole(path: string, fill: (part: string) => Promise<unknown>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = join(dirname(path), `.${randomUUID()}.part`);
  try {
    await fill(part);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/**
 * Locks a folder against other runs.
 * @param onLost told when another run may have taken it over
 * @returns what gives it back; it does not throw
 * @throws VitrineError DATASET_BUSY, CANCELLED
 */
export async function lockFolder(
  root: string,
  signal: AbortSignal,
  onLost: (error: VitrineError) => void,
): Promise<() => Promise<void>> {
  const lockfilePath = join(root, '.lock');
  let seen: number | undefined;
  for (;;) {
    if (signal.aborted) throw signal.reason instanceof VitrineError ? signal.reason : cancelled();
    try {
      let lost = false;
      const onCompromised = () => {
        lost = true;
        onLost(lockLost(root));
      };
      const options = { lockfilePath, stale: STALE_MS, update: RENEW_MS, onCompromised };
      const release = await loadLockfile().lock(root, options);
      // One that was taken over is the other's; one that cannot be removed becomes stale.
      return () => (lost ? Promise.resolve() : release().catch(() => undefined));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      const renewed = await renewalOf(lockfilePath);
      // A killed run renews it no more, and is waited for; one that is alive may take hours.
      if (seen !== undefined && renewed !== undefined && renewed > seen) throw busy(root);
      seen ??= renewed;
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** When a lock was last renewed, milliseconds since the epoch; undefined where there is none any more. */
async function renewalOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

function busy(root: string): VitrineError {
  return new VitrineError({
    code: 'DATASET_BUSY',
    message: `Another run works on this data set: it holds the lock in ${root}`,
    hint: 'Wait until it has ended, or end it; what it has made stays.',
    retryAfter: 60,
  });
}

function lockLost(root: string): VitrineError {
  return new VitrineError({
    code: 'DATASET_BUSY',
    message: `The lock in ${root} was lost: this process slept, and another run may have begun`,
    hint: 'Start it again when no other run works on this data set; what is made stays.',
  });
}
