import { mkdir } from 'node:fs/promises';
import { invalid } from '../contracts';

/**
 * Makes a folder for this user only, with those above it.
 * @param variable the setting that chose it, named in the error
 * @throws VitrineError INVALID_PARAMETER when it cannot be made
 */
export async function makeFolder(path: string, variable: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalid(
      variable,
      `a folder that can be written (${code})`,
      path,
      `Set ${variable} to a folder of this user.`,
    );
  }
}
