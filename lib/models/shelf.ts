import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VitrineError, isFolderLocked, isPackaged, summaryOf, type ModelSummary } from '../contracts';
import { checkFile, modelMissing, placeFile, placeFiles } from './files';
import type { Registry } from './registry';
import type { ModelEntry, NetworkEntry } from './schema';

/** True for a built-in model, and for one whose files, or those of a variant, are all there; their content is unchecked. */
export function isAvailable(registry: Registry, entry: ModelEntry): boolean {
  if (!('files' in entry)) return true;
  return [entry, ...entry.variants].some((each) => isHere(registry, { ...entry, files: each.files }));
}

/** True where an entry's own files are all there, unchecked. */
export function isHere({ modelsDir }: Registry, entry: NetworkEntry): boolean {
  return entry.files.every((file) => existsSync(placeFile(modelsDir, entry, file).path));
}

/** What a picker shows, in the registry's order. */
export function summaries(registry: Registry): ModelSummary[] {
  return registry.models.map((entry) => summaryOf(entry, isAvailable(registry, entry)));
}

/** What a model has on this machine. */
export interface Holding {
  id: string;
  /** Everything in its folder, what was derived from its files included. */
  files: { path: string; bytes: number }[];
  bytes: number;
}

/** What lies on this machine beside what comes with the package: each model with its files, and their size in bytes. */
export async function holdings(
  registry: Registry,
): Promise<{ path: string; bytes: number; models: Holding[] }> {
  const own = registry.models.filter((entry) => !isPackaged(entry));
  const models = await Promise.all(own.map((entry) => holding(registry, entry)));
  return {
    path: registry.modelsDir,
    bytes: models.reduce((sum, { bytes }) => sum + bytes, 0),
    models: models.filter(({ files }) => files.length),
  };
}

export async function holding(registry: Registry, entry: ModelEntry): Promise<Holding> {
  const folder = join(registry.modelsDir, entry.id);
  const names = existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : [];
  const inFolder = names.filter((name) => name.isFile()).map((name) => join(name.parentPath, name.name));
  const inPlace = filesOf(registry, entry)
    .filter(({ place }) => place === undefined)
    .map(({ path }) => path);
  const files: Holding['files'] = [];
  for (const path of [...new Set([...inFolder, ...inPlace])].sort()) {
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile()) files.push({ path, bytes: info.size });
  }
  return { id: entry.id, files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/**
 * Takes the hash of every file of a model that is here, also if it has not changed since the last time.
 * @returns how many files were looked at
 * @throws VitrineError MODEL_MISSING when none of them is here; INVALID_MODEL for a damaged one, which is deleted if
 *   it was downloaded
 */
export async function verifyModel(registry: Registry, entry: NetworkEntry): Promise<number> {
  const files = filesOf(registry, entry);
  let count = 0;
  for (const file of files) count += Number(await checkFile(registry, entry, file, true));
  if (!count) throw modelMissing(entry, placeFiles(registry, entry));
  return count;
}

/**
 * Deletes what was downloaded of a model and what was derived from it. Files in a place of the user's own stay.
 * @returns the bytes that are free now
 * @throws VitrineError NOT_FOUND when there is nothing to delete, or a download of it is under way
 */
export async function removeModel(registry: Registry, entry: ModelEntry): Promise<number> {
  const { id } = entry;
  const folder = join(registry.modelsDir, id);
  if (!existsSync(folder)) {
    throw refusal(`Nothing of the model ${id} was downloaded`, whyNothing(registry, entry));
  }
  if (await isFolderLocked(folder)) {
    throw refusal(
      `The model ${id} is being downloaded by another process`,
      'Wait until it is done, or end it.',
    );
  }
  const { bytes } = await holding(registry, entry);
  await rm(folder, { recursive: true, force: true });
  return bytes;
}

function whyNothing(registry: Registry, entry: ModelEntry): string {
  if (isPackaged(entry)) return 'It comes with the package, and stays as long as that does.';
  const own = filesOf(registry, entry).some(({ place }) => place === undefined);
  return own
    ? 'Its files are your own: delete them yourself, and its entry in registry.local.json.'
    : '`vitrine models list` shows what is here.';
}

/** The files of an entry and of its variants, each once. */
function filesOf(registry: Registry, entry: ModelEntry) {
  if (!('files' in entry)) return [];
  const lists = [entry.files, ...entry.variants.map(({ files }) => files)];
  const placed = lists.flatMap((files) => placeFiles(registry, { ...entry, files }));
  return placed.filter(({ path }, i) => placed.findIndex((other) => other.path === path) === i);
}

function refusal(message: string, hint: string): VitrineError {
  return new VitrineError({ code: 'NOT_FOUND', message, hint });
}
