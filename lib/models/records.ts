import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFileError } from '../contracts';

/** What is known of a file that lies in a model's folder. */
export interface FileRecord {
  sha256: string;
  /** Only where the registry knows the file by it. */
  md5?: string;
  bytes: number;
  /** Time of change when the hash was taken: an unchanged file is not read again. */
  mtimeMs: number;
  /** Where it was downloaded from; without it the file was brought by hand. */
  source?: string;
  /** Commit of the hub's repository. */
  revision?: string;
  /** ISO 8601 */
  downloadedAt?: string;
}

/** Of folders that are made below the home: others may read models, and never write where the engine's state lies. */
export const FOLDER_MODE = 0o755;

/** Name of the notes in a model's folder. */
const RECORDS = 'files.json';

/** The notes of a model's folder by file name; none where the file is missing or was cut short by a crash. */
export async function readRecords(folder: string): Promise<Record<string, FileRecord>> {
  return readJson(join(folder, RECORDS), {});
}

/** Notes what is known of a file. */
export async function writeRecord(folder: string, name: string, record: FileRecord): Promise<void> {
  const records = await readRecords(folder);
  await writeNote(join(folder, RECORDS), { ...records, [name]: record });
}

/** Writes what only saves work: does nothing where the file system does not let it. */
export async function writeNote(file: string, value: unknown): Promise<void> {
  try {
    await writeJson(file, value);
  } catch (error) {
    if (!describeFileError(error)) throw error;
  }
}

/** Reads an object from a JSON file of our own making; `fallback` where it is missing or damaged. */
export async function readJson<T>(file: string, fallback: T): Promise<T> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return fallback;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as T) : fallback;
  } catch {
    return fallback; // It only saves work, so a damaged one is written anew.
  }
}

/** Writes by rename, so that a reader never sees half a file. Several may write at once: the last one stays. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true, mode: FOLDER_MODE });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(value, undefined, 2)}\n`);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
