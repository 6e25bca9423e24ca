import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadLockfile, throwIfAborted, VitrineError } from '../../contracts';
import { FOLDER_MODE } from '../records';
import { diskError } from './errors';

/** A process that was killed holds its lock for this long; one that lives renews it. */
const STALE_MS = 10_000;
const RENEW_MS = 2_000;
const LOOK_AGAIN_MS = 200;

/**
 * Runs `work` while no other process of this machine works on the same folder.
 * @param onWait called while another process is at it
 * @throws VitrineError what the folder and `work` can say; what the signal was aborted with
 */
export async function withLock<T>(
  folder: string,
  signal: AbortSignal,
  onWait: () => Promise<void>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  } catch (error) {
    throw diskError(error, folder) ?? error;
  }
  const lost = new AbortController();
  const release = await acquire(folder, signal, onWait, lost);
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    // A lock that was taken over is the other's to release.
    if (!lost.signal.aborted) await release();
  }
}

/** Whether a process of this machine works on a folder that is there. */
export function isLocked(folder: string): Promise<boolean> {
  return loadLockfile().check(folder, { stale: STALE_MS });
}

async function acquire(
  folder: string,
  signal: AbortSignal,
  onWait: () => Promise<void>,
  lost: AbortController,
): Promise<() => Promise<void>> {
  for (;;) {
    throwIfAborted(signal);
    try {
      return await loadLockfile().lock(folder, {
        stale: STALE_MS,
        update: RENEW_MS,
        onCompromised: () => lost.abort(takenOver(folder)),
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw diskError(error, folder) ?? error;
    }
    await onWait();
    await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => throwIfAborted(signal));
  }
}

function takenOver(folder: string): VitrineError {
  return new VitrineError({
    code: 'DOWNLOAD_FAILED',
    message: `Another process took over the download into ${folder} because this one had not moved for ${STALE_MS / 1000} s`,
    hint: 'Try again: what the other one fetches is used.',
  });
}
