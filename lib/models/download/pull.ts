import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VitrineError, throwIfAborted, withFolderLock } from '../../contracts';
import { checkFile, modelFiles, modelMissing, placeFiles, type PlacedFile } from '../files';
import { requireLicense } from '../licenses';
import { FOLDER_MODE } from '../records';
import type { Registry } from '../registry';
import type { NetworkEntry } from '../schema';
import { diskError } from './errors';
import { fetchFile } from './fetch';
import type { DownloadSettings } from './settings';
import { Sharing } from './share';

/** How far a model's download is. */
export interface DownloadProgress {
  model: string;
  /** Bytes of all its files that are here. */
  bytes: number;
  /** Bytes of all its files, as far as anybody knows. */
  total: number;
}

export interface PullOptions {
  settings: DownloadSettings;
  signal: AbortSignal;
  onProgress?(event: DownloadProgress): void;
  /** A licence that the user accepts now. */
  acceptLicense?: string;
}

type Downloadable = PlacedFile & { place: string };

const downloads = new Sharing<DownloadProgress, void>();

/**
 * The paths of the model's files, in the order of its entry, downloaded where they are not here or are damaged.
 * @throws VitrineError LICENSE_REQUIRED; MODEL_MISSING offline, or where there is nothing to download;
 *   DOWNLOAD_FAILED, INVALID_MODEL, DISK_FULL; what the signal was aborted with
 */
export async function pullModel(
  registry: Registry,
  entry: NetworkEntry,
  options: PullOptions,
): Promise<string[]> {
  const { settings, signal, acceptLicense } = options;
  if (acceptLicense !== undefined) await requireLicense(registry, entry, acceptLicense);
  const missing = await absent(registry, entry);
  if (missing.length) {
    const fetchable = missing.filter((file): file is Downloadable => file.place !== undefined);
    if (fetchable.length < missing.length) throw modelMissing(entry, missing);
    await requireLicense(registry, entry, acceptLicense);
    if (settings.offline) throw modelMissing(entry, missing, true);
    const key = placeFiles(registry, entry)
      .map(({ path }) => path)
      .join('|');
    await downloads.join(key, signal, options.onProgress ?? (() => undefined), (shared, report) =>
      download(registry, entry, { ...options, signal: shared, onProgress: report }),
    );
  }
  return modelFiles(registry, entry);
}

/** Files that are not here; damaged downloads are deleted and count as such. */
async function absent(registry: Registry, entry: NetworkEntry): Promise<PlacedFile[]> {
  const missing: PlacedFile[] = [];
  for (const file of placeFiles(registry, entry)) {
    const usable = await checkFile(registry, entry, file).catch((error) => {
      if (file.place !== undefined && error instanceof VitrineError && error.code === 'INVALID_MODEL')
        return false;
      throw error;
    });
    if (!usable) missing.push(file);
  }
  return missing;
}

async function download(registry: Registry, entry: NetworkEntry, options: PullOptions): Promise<void> {
  const { settings, signal, onProgress } = options;
  const files = placeFiles(registry, entry);
  const folder = join(registry.modelsDir, entry.id);
  const sizes = files.map(({ bytes, aboutBytes }) => ({ received: 0, total: bytes ?? aboutBytes ?? 0 }));
  const report = () =>
    onProgress?.({
      model: entry.id,
      bytes: sizes.reduce((sum, { received }) => sum + received, 0),
      total: sizes.reduce((sum, { total }) => sum + total, 0),
    });
  const look = async () => {
    for (const [i, { path }] of files.entries()) {
      const size =
        (await sizeOf(path)) ?? (await sizeOf(`${path}.part`)) ?? (await sizeOf(`${path}.part.tgz`));
      sizes[i].received = size ?? 0;
    }
    report();
  };
  const locked = withFolderLock(folder, { signal, mode: FOLDER_MODE, onWait: look }, async (held) => {
    for (const [i, file] of files.entries()) {
      throwIfAborted(held);
      // Another process may have brought it while this one waited.
      if ((await absent(registry, { ...entry, files: [file] })).length) {
        await fetchFile(entry.id, folder, file as Downloadable, {
          settings,
          signal: held,
          onBytes: (received, total) => {
            sizes[i] = { received, total: total ?? Math.max(sizes[i].total, received) };
            report();
          },
        });
      }
      const size = (await sizeOf(file.path)) ?? 0;
      sizes[i] = { received: size, total: size };
    }
    report();
  });
  await locked.catch((error) => {
    throw diskError(error, folder) ?? error;
  });
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
