import { deadlineExceeded } from '../../contracts';

/**
 * Gives work that no worker does, and so no queue watches, its time.
 * @param seconds over 0
 * @param work is given the signal, which is aborted with DEADLINE_EXCEEDED as well
 */
export async function withDeadline<T>(
  seconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(deadlineExceeded(seconds)), seconds * 1000);
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}
