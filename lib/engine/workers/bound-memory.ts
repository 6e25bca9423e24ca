import { writeFile } from 'node:fs/promises';
import { WORKER_SHARE, memoryLimitMb } from '../../runtime';

const CHECK_MS = 100;

/**
 * Lets this process end before the machine does: it is the first that Linux ends where memory runs out, and it ends
 * itself when it alone takes nearly all of it.
 * @param maxMb megabytes of resident memory
 */
export function boundMemory(maxMb: number = WORKER_SHARE * memoryLimitMb()): void {
  // Not every container lets it be said.
  if (process.platform === 'linux') writeFile('/proc/self/oom_score_adj', '800').catch(() => undefined);
  setInterval(() => {
    const mb = process.memoryUsage.rss() / 1e6;
    if (mb <= maxMb) return;
    process.stderr.write(
      `A worker ends itself: it takes ${Math.round(mb)} MB of the ${Math.round(maxMb)} MB that it may\n`,
    );
    process.kill(process.pid, 'SIGKILL');
  }, CHECK_MS).unref();
}
