import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { describeFileError, invalid } from '../contracts';

/**
 * Makes a folder for this user only, with those above it; one that is there keeps its rights.
 * @param variable the setting that chose it, named in the error
 * @throws VitrineError INVALID_PARAMETER when it cannot be made or written to
 */
export async function makeFolder(path: string, variable: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = describeFileError(error)?.message ?? String(error);
    throw invalid(
      variable,
      `a folder that this process (user id ${process.getuid?.() ?? 'unknown'}) can write to`,
      path,
      `${why}. Correct that, or set ${variable} to a folder of this user.`,
    );
  }
}
