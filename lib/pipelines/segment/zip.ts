import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/**
 * Puts files into a ZIP file, stored as they are: pictures do not get smaller. It is there whole or not at all.
 * @param signal ends it
 */
export async function writeZip(target: string, files: readonly string[], signal: AbortSignal): Promise<void> {
  const zip = new ZipFile();
  for (const file of files) zip.addFile(file, basename(file), { compress: false });
  zip.end();
  const part = `${target}.part`;
  try {
    await pipeline(zip.outputStream, createWriteStream(part), { signal });
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
