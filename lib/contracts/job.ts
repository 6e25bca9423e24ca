import { cancelled, VitrineError } from './errors';

/** One step of a running job. */
export interface Progress {
  /** What is being done, in a word or two: `decode`, `download`, `measure`, `infer`, `refine`, `encode`. */
  stage: string;
  /** 0..1 of the whole job. */
  fraction: number;
  /** More for people, such as `birefnet-lite: 34 of 181 MB`. */
  message?: string;
  /** How many of the job's numbered files are whole by now; they are taken away from beside the work. */
  made?: number;
}

/** What every job is given: how to stop, where to report, where to write. */
export interface JobContext {
  /** Aborted when the caller went away, cancelled, or the deadline passed. */
  signal: AbortSignal;
  /** Called at most a few times a second. */
  progress(event: Progress): void;
  /** A folder of the job's own; whoever made it removes it. */
  tempDir: string;
}

/** Throws `CANCELLED` or `DEADLINE_EXCEEDED`; call it between the steps of a job. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw signal.reason instanceof VitrineError ? signal.reason : cancelled();
}

/** @param seconds the job's whole time budget, over 0 */
export function deadlineExceeded(seconds: number): VitrineError {
  return new VitrineError({
    code: 'DEADLINE_EXCEEDED',
    message: `The job did not end within its ${seconds} s`,
    hint: 'Raise the timeout, send a smaller picture, or choose a smaller model.',
  });
}
