import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Names of files that are being copied; hidden, and short enough beside any name. */
export const UNFINISHED = /^\.vitrine-[0-9a-f-]{36}\.part$/;

/** What file systems without hard links say. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Moves a finished file, across file systems too; whoever looks sees all of it or nothing.
 * @param replace false: what is there already stays, and the error is EEXIST
 * @throws the errors of `node:fs`; nothing of ours is at `to` or beside it then
 */
export async function moveFile(from: string, to: string, replace = true): Promise<void> {
  const put = replace ? rename : renameExclusively;
  try {
    await put(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const aside = join(dirname(to), `.vitrine-${randomUUID()}.part`);
    try {
      await copyFile(from, aside, constants.COPYFILE_EXCL);
      await put(aside, to);
    } finally {
      await rm(aside, { force: true });
    }
    await rm(from);
  }
}

async function renameExclusively(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return renameOntoOwn(from, to);
  }
  await rm(from);
}

/** Where there are no hard links: takes the name first, which only one can. */
async function renameOntoOwn(from: string, to: string): Promise<void> {
  await (await open(to, 'wx')).close();
  try {
    await rename(from, to);
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}
