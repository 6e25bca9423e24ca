import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../../contracts';

/** Milliseconds of work between two turns of the event loop. */
const TURN = 50;

/** Lets messages in, an abort among them, now and then; to be awaited often. */
export type Pause = () => Promise<void> | undefined;

/** @returns a function that throws VitrineError CANCELLED once the signal is aborted */
export function pauses(signal?: AbortSignal): Pause {
  let last = performance.now();
  return () => {
    if (performance.now() - last < TURN) return undefined;
    return setImmediate().then(() => {
      if (signal) throwIfAborted(signal);
      last = performance.now();
    });
  };
}
