import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './make-folder';

const PREFIX = 'vitrine-jobs-';

/** The temp folder of one process, with a folder in it for each job that runs. */
export class Workspace {
  private readonly root: string;
  private prepared = false;

  constructor(private readonly tempDir: string) {
    this.root = join(tempDir, `${PREFIX}${process.pid}`);
  }

  /** Makes the folder, and removes those that killed processes left behind. */
  async prepare(): Promise<void> {
    await makeFolder(this.root, 'VITRINE_TEMP_DIR');
    this.prepared = true;
    for (const name of await readdir(this.tempDir)) {
      const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : NaN;
      if (Number.isInteger(pid) && !isAlive(pid))
        await rm(join(this.tempDir, name), { recursive: true, force: true });
    }
  }

  /** Runs `work` with a folder of its own and removes the folder afterwards, come what may. */
  async withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(this.root, 'job-'));
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async dispose(): Promise<void> {
    if (this.prepared) await rm(this.root, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process: it lives, we just may not signal it.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
