import type { Progress } from '../../lib/contracts';
import type { ItemRun } from './operation';

/** Lines in n8n's log that tell how far a job is, at most. */
const LOG_LINES = 10;

/** For jobs that take minutes or hours: the log tells how far one is, for those who watch no editor. */
export function logged({ context, index, job }: ItemRun): (event: Progress) => void {
  let told = -1;
  return (event) => {
    job.onProgress?.(event);
    const { stage, fraction, message = stage } = event;
    const step = Math.floor(fraction * LOG_LINES);
    if (step <= told) return;
    told = step;
    context.logger.info(`${context.getNode().name}: item ${index + 1}, ${message}`);
  };
}
