import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { VitrineError, describeFileError } from '../contracts';

/**
 * Makes a folder for this user only, with those above it; one that is there keeps its rights.
 * @param variable the setting that chose it, named in the error
 * @throws VitrineError FILE_ERROR, DISK_FULL when it cannot be made or written to
 */
export async function makeFolder(path: string, variable: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const file = describeFileError(error);
    if (!file) throw error;
    const user = process.getuid?.() ?? 'unknown';
    throw new VitrineError(
      {
        code: file.full ? 'DISK_FULL' : 'FILE_ERROR',
        message: `${variable} leads to no folder that this process (user id ${user}) can write to: ${file.message}`,
        hint: `${file.hint} Or set ${variable} to a folder of this user.`,
      },
      { cause: error },
    );
  }
}
