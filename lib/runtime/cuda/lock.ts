import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadLockfile, throwIfAborted, VitrineError } from '../../contracts';

/** A process that was killed holds its lock for this long; one that lives renews it. */
const STALE_MS = 10_000;
const RENEW_MS = 2_000;
const LOOK_AGAIN_MS = 300;

/**
 * Runs `work` while no other process of this machine works on the folder, which is made where it is not there.
 * @param onWait called once where another process is at it
 * @throws VitrineError what `work` can say, DOWNLOAD_FAILED when another took over; what the signal was aborted with
 */
export async function alone<T>(
  folder: string,
  signal: AbortSignal,
  onWait: () => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const release = await acquire(folder, signal, onWait, lost);
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    // A lock that was taken over is the other's to release.
    if (!lost.signal.aborted) await release();
  }
}

async function acquire(
  folder: string,
  signal: AbortSignal,
  onWait: () => void,
  lost: AbortController,
): Promise<() => Promise<void>> {
  for (let waits = 0; ; waits++) {
    throwIfAborted(signal);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      return await loadLockfile().lock(folder, {
        stale: STALE_MS,
        update: RENEW_MS,
        onCompromised: () => lost.abort(takenOver(folder)),
      });
    } catch (error) {
      // Whoever is done takes the folder away.
      if (!['ELOCKED', 'ENOENT'].includes((error as NodeJS.ErrnoException).code!)) throw error;
    }
    if (!waits) onWait();
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
