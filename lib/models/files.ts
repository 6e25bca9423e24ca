import { rm, stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VitrineError, packagedModelsDir } from '../contracts';
import { hashFile, type HashKind } from './hash';
import { readRecords, writeRecord, type FileRecord } from './records';
import type { Registry } from './registry';
import type { ModelFile, NetworkEntry } from './schema';

const PACKAGED = 'package:';

/** Hashes this process has taken: path, size and time of change. */
const verified = new Set<string>();

/** A file of a model and where it lies. */
export interface PlacedFile extends ModelFile {
  /** Absolute. */
  path: string;
  /** Name inside the model's folder; undefined for a file that is used in place. */
  place?: string;
}

/**
 * Where a file of a model lies: a `package:` source among the weights that come with this package, a `file:` source in
 * place (absolute, or relative to the models folder), anything else
 * as `<models folder>/<model id>/<name>`.
 */
export function placeFile(modelsDir: string, { id }: Pick<NetworkEntry, 'id'>, file: ModelFile): PlacedFile {
  const packaged = file.sources.find((source) => source.startsWith(PACKAGED));
  if (packaged) return { ...file, path: join(packagedModelsDir, packaged.slice(PACKAGED.length)) };
  const local = file.sources.find((source) => source.startsWith('file:'));
  if (!local) {
    const place = file.name ?? basename(file.sources[0].split(/[?#]/, 1)[0]);
    return { ...file, place, path: join(modelsDir, id, place) };
  }
  if (local.startsWith('file://')) return { ...file, path: fileURLToPath(local) };
  const path = local.slice('file:'.length);
  return { ...file, path: isAbsolute(path) ? path : join(modelsDir, path) };
}

/** All files of an entry, in its order. */
export function placeFiles({ modelsDir }: Registry, entry: NetworkEntry): PlacedFile[] {
  return entry.files.map((file) => placeFile(modelsDir, entry, file));
}

/**
 * The paths of the model's files, in the order of its entry, after checking size and hash. A hash is taken once for a
 * file that does not change: what was found is noted beside the file.
 * @throws VitrineError MODEL_MISSING listing what is not there, INVALID_MODEL when size or hash differ
 */
export async function modelFiles(registry: Registry, entry: NetworkEntry): Promise<string[]> {
  const files = placeFiles(registry, entry);
  const present = await Promise.all(files.map(async (file) => (await sizeOf(file.path)) !== undefined));
  const missing = files.filter((_, i) => !present[i]);
  if (missing.length) throw modelMissing(entry, missing);
  for (const file of files) await checkFile(registry, entry, file);
  return files.map(({ path }) => path);
}

/**
 * Checks a file against its entry, else against what was noted when it was downloaded. A downloaded file that is
 * wrong is deleted, so that nothing uses it; a file in a place of the user's own stays.
 * @param again take the hash even if the file has not changed since the last time
 * @returns false when the file is not there
 * @throws VitrineError INVALID_MODEL when size or hash differ
 */
export async function checkFile(
  registry: Registry,
  entry: NetworkEntry,
  file: PlacedFile,
  again = false,
): Promise<boolean> {
  const found = await sizeOf(file.path);
  if (!found) return false;
  const { path, place, bytes } = file;
  const wrong = async (what: string) => {
    if (place !== undefined) await rm(path, { force: true });
    return damaged(entry, file, what);
  };
  if (bytes !== undefined && found.size !== bytes) {
    throw await wrong(`has ${found.size} bytes where ${bytes} are expected`);
  }
  const folder = join(registry.modelsDir, entry.id);
  const record = place === undefined ? undefined : (await readRecords(folder))[place];
  const [kind, expected] = expectedHash(file, record);
  const key = `${path}|${found.size}|${found.mtimeMs}|${expected}`;
  if (!again && (verified.has(key) || isUnchanged(record, found, expected))) return true;
  if (place === undefined && !expected) return true;
  const hashes: Partial<Record<HashKind, string>> = await hashFile(path, [
    ...new Set(['sha256' as const, kind]),
  ]);
  if (expected && hashes[kind] !== expected) {
    throw await wrong(`has the ${kind} ${hashes[kind]} where ${expected} is expected`);
  }
  verified.add(key);
  if (place !== undefined) {
    const known = record?.sha256 === hashes.sha256 ? record : {};
    const { sha256 = '', md5 } = hashes;
    await writeRecord(folder, place, { ...known, sha256, md5, bytes: found.size, mtimeMs: found.mtimeMs });
  }
  return true;
}

/** The hash that decides: the entry's own, else the one noted at the download. */
export function expectedHash(
  { sha256, md5 }: Pick<ModelFile, 'sha256' | 'md5'>,
  record: FileRecord | undefined,
): ['sha256' | 'md5', string | undefined] {
  if (sha256) return ['sha256', sha256];
  if (record?.source) return ['sha256', record.sha256];
  return md5 ? ['md5', md5] : ['sha256', undefined];
}

/** Said when files are not there and nothing can or may fetch them. */
export function modelMissing(entry: NetworkEntry, missing: PlacedFile[], offline = false): VitrineError {
  const places = missing.map(({ path }) => path).join(', ');
  const downloads = missing.flatMap(({ sources, place }) => (place === undefined ? [] : sources.slice(0, 1)));
  const shelf = '`vitrine models list` shows what is here.';
  const fetchIt = offline
    ? `VITRINE_OFFLINE is set, so nothing is downloaded: unset it, or bring ${downloads.join(', ')} to that place by hand.`
    : `\`vitrine models pull ${entry.id}\` fetches ${downloads.join(', ')} to that place.`;
  return new VitrineError({
    code: 'MODEL_MISSING',
    message: `Model files not found: ${entry.id} needs ${places}`,
    hint: downloads.length
      ? `${fetchIt} Or choose the model auto or plain. ${shelf}`
      : `Put the file there, or correct its source in the registry. ${shelf}`,
  });
}

function damaged(entry: NetworkEntry, { path, place }: PlacedFile, what: string): VitrineError {
  return new VitrineError({
    code: 'INVALID_MODEL',
    message: `The file ${path} of ${entry.id} ${what}`,
    hint:
      place === undefined
        ? 'It is incomplete or another version, and is not used: replace it, or correct the registry entry.'
        : `It is incomplete or another version and was deleted: \`vitrine models pull ${entry.id}\` fetches it again.`,
  });
}

interface Found {
  size: number;
  mtimeMs: number;
}

function isUnchanged(record: FileRecord | undefined, found: Found, expected: string | undefined): boolean {
  if (record?.bytes !== found.size || record.mtimeMs !== found.mtimeMs) return false;
  return expected === undefined || record.sha256 === expected || record.md5 === expected;
}

async function sizeOf(path: string): Promise<Found | undefined> {
  try {
    const info = await stat(path);
    return info.isFile() ? info : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
