import { statfs } from 'node:fs/promises';
import type { Config } from '../../contracts';

/** What is left for jobs: on the disk of their temp folders or on that of the results, whichever has less. */
export async function freeBytes({ tempDir, outputDir }: Config): Promise<number | null> {
  const disks = await Promise.all(
    // A folder that was taken away is made anew by the next job, which says what is wrong if it cannot.
    [tempDir, outputDir].map((folder) => statfs(folder).catch(() => undefined)),
  );
  const free = disks.flatMap((disk) => (disk ? [disk.bavail * disk.bsize] : []));
  return free.length ? Math.min(...free) : null;
}
