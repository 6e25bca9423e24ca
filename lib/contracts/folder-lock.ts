import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { VitrineError } from './errors';
import { throwIfAborted } from './job';
import { loadLockfile } from './lockfile';

/** A process that was killed holds its lock for this long; one that lives renews it. */
const STALE_MS = 10_000;
const RENEW_MS = 2_000;
const LOOK_AGAIN_MS = 200;

export interface FolderLockOptions {
  signal: AbortSignal;
  /** Permissions of the folder where it is made. */
  mode: number;
  /** Called each time that another process is found at it, several times a second. */
  onWait(): void | Promise<void>;
}

/**
 * Runs `work` while no other process of this machine works on the folder, which is made where it is not there.
 * @param work its signal is also aborted when another process takes the lock over
 * @throws VitrineError DOWNLOAD_FAILED when another took over; what `work` throws; what the signal was aborted with;
 *   errors of the file system
 */
export async function withFolderLock<T>(
  folder: string,
  options: FolderLockOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const release = await acquire(folder, options, lost);
  try {
    return await work(AbortSignal.any([options.signal, lost.signal]));
  } finally {
    // A lock that was taken over is the other's to release.
    if (!lost.signal.aborted) await release();
  }
}

/** Whether a process of this machine works on a folder that is there. */
export function isFolderLocked(folder: string): Promise<boolean> {
  return loadLockfile().check(folder, { stale: STALE_MS });
}

async function acquire(
  folder: string,
  { signal, mode, onWait }: FolderLockOptions,
  lost: AbortController,
): Promise<() => Promise<void>> {
  for (;;) {
    throwIfAborted(signal);
    await mkdir(folder, { recursive: true, mode });
    try {
      return await loadLockfile().lock(folder, {
        stale: STALE_MS,
        update: RENEW_MS,
        onCompromised: () => lost.abort(takenOver(folder)),
      });
    } catch (error) {
      // Whoever is done may take the folder away.
      if (!['ELOCKED', 'ENOENT'].includes((error as NodeJS.ErrnoException).code!)) throw error;
    }
    await onWait();
    await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => throwIfAborted(signal));
  }
}

function takenOver(folder: string): VitrineError {
  return new VitrineError({
    code: 'DOWNLOAD_FAILED',
    message: `Another process took over ${folder} because this one had not moved for ${STALE_MS / 1000} s`,
    hint: 'Try again: what the other one fetches is used.',
  });
}
