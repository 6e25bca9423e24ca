import { copyFile, rename, rm } from 'node:fs/promises';

/** Moves a finished file, across file systems too; whoever looks sees all of it or nothing. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const aside = `${to}.${process.pid}.part`;
    try {
      await copyFile(from, aside);
      await rename(aside, to);
    } finally {
      await rm(aside, { force: true });
    }
    await rm(from);
  }
}
