import { setTimeout as sleep } from 'node:timers/promises';
import { VitrineError } from '../contracts';

/** Milliseconds until work is offered again to a full queue. */
const ROOM_MS = 500;

/** Work of a job that was let in: it waits for a full queue rather than fail, lest what was paid for is lost. */
export async function whenThereIsRoom<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof VitrineError) || error.code !== 'QUEUE_FULL') throw error;
    }
    await sleep(ROOM_MS, undefined, { signal });
  }
}
