import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Settles after so many milliseconds.
 * @throws the signal's reason, as an AbortError, when it is aborted before
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}
