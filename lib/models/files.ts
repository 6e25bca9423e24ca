import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { VitrineError } from '../contracts';
import type { Registry } from './registry';
import type { ModelFile, NetworkEntry } from './schema';

/** Files whose hash this process has checked: path, size and time of change. */
const verified = new Set<string>();

/**
 * Where a file of a model lies: a `file:` source in place (absolute, or relative to the models folder), anything else
 * as `<models folder>/<model id>/<name>`.
 */
export function filePath(modelsDir: string, { id }: NetworkEntry, { name, sources }: ModelFile): string {
  const local = sources.find((source) => source.startsWith('file:'));
  if (!local) return join(modelsDir, id, name ?? basename(sources[0].split('?', 1)[0]));
  if (local.startsWith('file://')) return fileURLToPath(local);
  const path = local.slice('file:'.length);
  return isAbsolute(path) ? path : join(modelsDir, path);
}

/**
 * The model's files, the graph first, after checking size and hash. The hash is taken once per process and file.
 * @throws VitrineError MODEL_MISSING listing what is not there, INVALID_MODEL when size or hash differ from the entry
 */
export async function modelFiles({ modelsDir }: Registry, entry: NetworkEntry): Promise<string[]> {
  const files = entry.files.map((file) => ({ ...file, path: filePath(modelsDir, entry, file) }));
  const found = await Promise.all(files.map((file) => sizeOf(file.path)));
  const missing = files.filter((_, i) => !found[i]);
  if (missing.length) throw modelMissing(entry, missing);
  for (const [i, file] of files.entries()) await verify(entry, file, found[i]!);
  return files.map(({ path }) => path);
}

type Found = { size: number; mtimeMs: number };

async function sizeOf(path: string): Promise<Found | undefined> {
  try {
    const info = await stat(path);
    return info.isFile() ? info : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

async function verify(
  entry: NetworkEntry,
  file: ModelFile & { path: string },
  { size, mtimeMs }: Found,
): Promise<void> {
  const { path, bytes, sha256 } = file;
  if (bytes !== undefined && size !== bytes)
    throw damaged(entry, path, `has ${size} bytes where ${bytes} are expected`);
  const key = `${path}|${size}|${mtimeMs}|${sha256}`;
  if (!sha256 || verified.has(key)) return;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  const actual = hash.digest('hex');
  if (actual !== sha256) throw damaged(entry, path, `has the sha256 ${actual} where ${sha256} is expected`);
  verified.add(key);
}

function modelMissing(entry: NetworkEntry, missing: (ModelFile & { path: string })[]): VitrineError {
  const places = missing.map(({ path }) => path).join(', ');
  const downloads = missing.flatMap(({ sources }) =>
    sources.filter((source) => !source.startsWith('file:')).slice(0, 1),
  );
  return new VitrineError({
    code: 'MODEL_MISSING',
    message: `Model files not found: ${entry.id} needs ${places}`,
    hint: downloads.length
      ? `Fetch ${downloads.join(', ')} to that place, or choose the model auto or plain. \`vitrine models list\` shows what is here.`
      : `Put the file there, or correct its source in the registry. \`vitrine models list\` shows what is here.`,
  });
}

function damaged(entry: NetworkEntry, path: string, what: string): VitrineError {
  return new VitrineError({
    code: 'INVALID_MODEL',
    message: `The file ${path} of ${entry.id} ${what}`,
    hint: 'It is incomplete or another version, and is not used: delete it and fetch it again, or correct the registry entry.',
  });
}
