import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './make-folder';

/** Process id, then what nobody can guess, so that nobody can be there first. */
const NAME = /^vitrine-jobs-(\d+)-[A-Za-z0-9]{6}$/;

/** Roots of workspaces that are open in this process. */
const open = new Set<string>();

/**
 * The temp folder of one process, for its user only, with a folder in it for each job that runs. It is made anew when
 * a cleaner took it away.
 */
export class Workspace {
  private root?: string;

  constructor(private readonly tempDir: string) {}

  /**
   * Makes the folder, and removes those that killed processes of this user left behind.
   * @throws VitrineError FILE_ERROR, DISK_FULL when it cannot be made
   */
  async prepare(): Promise<void> {
    await this.makeRoot();
    for (const name of await readdir(this.tempDir)) await removeLeftover(join(this.tempDir, name), name);
  }

  /**
   * Runs `work` with a folder of its own and removes the folder afterwards, come what may.
   * @throws VitrineError FILE_ERROR, DISK_FULL when no folder can be made; what `work` throws
   */
  async withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = await this.makeJobFolder();
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Removes the folder with all that is in it. */
  async dispose(): Promise<void> {
    if (!this.root) return;
    await rm(this.root, { recursive: true, force: true });
    open.delete(this.root);
    this.root = undefined;
  }

  private async makeJobFolder(): Promise<string> {
    const root = this.root ?? (await this.makeRoot());
    try {
      return await mkdtemp(join(root, 'job-'));
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      open.delete(root);
      return mkdtemp(join(await this.makeRoot(), 'job-'));
    }
  }

  private async makeRoot(): Promise<string> {
    await makeFolder(this.tempDir, 'VITRINE_TEMP_DIR');
    this.root = await mkdtemp(join(this.tempDir, `vitrine-jobs-${process.pid}-`));
    open.add(this.root);
    return this.root;
  }
}

/** What cannot be removed now is tried again at the next start: it must not keep this process from its work. */
async function removeLeftover(path: string, name: string): Promise<void> {
  const pid = Number(NAME.exec(name)?.[1]);
  if (!pid || open.has(path)) return;
  const info = await lstat(path).catch(() => undefined);
  // Never through a link, and never what another user has.
  if (!info?.isDirectory() || info.uid !== (process.getuid?.() ?? info.uid)) return;
  // A container's processes have the same ids after each start.
  if (pid !== process.pid && isAlive(pid)) return;
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
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
