import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadLockfile, packVersion } from '../../contracts';
import { startFailed } from './errors';

/** A process that was killed or sleeps holds its lock for this long; one that is awake renews it. */
const STALE_MS = 15_000;
const RENEW_MS = 5_000;
const LOOK_AGAIN_MS = 200;

/**
 * Runs `work` while no other process of this user starts an engine. A process that slept may have lost the lock
 * meanwhile, and its work goes on: of two engines the one that writes its state last stays (server/embedded.ts).
 * @param seconds to wait for the others
 * @throws VitrineError ENGINE_START_FAILED when it stays taken; errors of the file system; what `work` throws
 */
export async function withStartLock<T>(
  home: string,
  seconds: number,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let lost = false;
  const release = await acquire(home, deadline, signal, () => (lost = true));
  try {
    return await work();
  } finally {
    // One that was taken over is the other's; one that cannot be removed becomes stale.
    if (!lost) await release().catch(() => undefined);
  }
}

async function acquire(
  home: string,
  deadline: number,
  signal: AbortSignal | undefined,
  onCompromised: () => void,
): Promise<() => Promise<void>> {
  const lockfilePath = join(home, `engine-${packVersion}.lock`);
  for (;;) {
    try {
      const options = { lockfilePath, stale: STALE_MS, update: RENEW_MS, onCompromised };
      return await loadLockfile().lock(home, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      if (Date.now() > deadline) throw startFailed(`the lock in ${home} stayed taken`, { cause: error });
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}
