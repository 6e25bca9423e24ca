import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfAborted } from '../../contracts';
import { failed, Interrupted, NETWORK_HINT } from './errors';
import type { DownloadSettings } from './settings';

/**
 * Asks again, after longer and longer pauses, while a server is in trouble.
 * @param place for the error text
 * @throws VitrineError DOWNLOAD_FAILED when it stays so; whatever else `work` throws
 */
export async function persistent<T>(
  place: string,
  settings: DownloadSettings,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (tried >= settings.tries) throw failed(place, error.reason, NETWORK_HINT, error);
      await pause(error, tried, settings, signal);
    }
  }
}

/** Waits before the try after `tried` failed ones: as long as the server asks for, else longer each time. */
export async function pause(
  { retryAfterSeconds }: Interrupted,
  tried: number,
  { pauseSeconds }: Pick<DownloadSettings, 'pauseSeconds'>,
  signal: AbortSignal,
): Promise<void> {
  const seconds = retryAfterSeconds ?? pauseSeconds * 2 ** (tried - 1) * (1 + Math.random() / 4);
  await sleep(seconds * 1000, undefined, { signal }).catch(() => throwIfAborted(signal));
}
