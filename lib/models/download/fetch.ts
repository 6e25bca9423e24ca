import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VitrineError, isWebAddress, throwIfAborted } from '../../contracts';
import { expectedHash, type PlacedFile } from '../files';
import { hashFile, type HashKind } from '../hash';
import { FOLDER_MODE, readRecords, writeRecord, type FileRecord } from '../records';
import { diskError, failed, Interrupted } from './errors';
import { hubFile, type HubFile } from './hub';
import { npmTarball } from './npm';
import type { DownloadSettings } from './settings';
import { unpack } from './tarball';
import { discard, transfer, type Remote } from './transfer';
import { webRemote } from './web';

export interface FetchOptions {
  settings: DownloadSettings;
  signal: AbortSignal;
  onBytes(received: number, total: number | undefined): void;
}

/** What a source promises of a file, beside its bytes. */
type Promised = Pick<HubFile, 'sha256' | 'blob' | 'revision'>;

/**
 * Downloads one file of a model to its place, from the first of its sources that has it whole and right. Nothing is
 * at the place before its hash has been checked.
 * @param folder the model's own
 * @throws VitrineError DOWNLOAD_FAILED, INVALID_MODEL, DISK_FULL; what the signal was aborted with
 */
export async function fetchFile(
  model: string,
  folder: string,
  file: PlacedFile & { place: string },
  options: FetchOptions,
): Promise<void> {
  const { settings, signal } = options;
  const mirrored = settings.mirror ? [`${settings.mirror}/${model}/${file.place}`] : [];
  const sources = [...mirrored, ...file.sources];
  const record = (await readRecords(folder))[file.place];
  await makeFolder(dirname(file.path));
  const failures: VitrineError[] = [];
  const unreachable = new Set<string>();
  for (const source of sources) {
    if (unreachable.has(hostOf(source))) continue;
    try {
      const found = await fetchFrom(source, model, file, record, options);
      await writeRecord(folder, file.place, { ...found, source, downloadedAt: new Date().toISOString() });
      return;
    } catch (error) {
      throwIfAborted(signal);
      if (!(error instanceof VitrineError) || error.code === 'DISK_FULL') throw error;
      failures.push(error);
      // Its other places would only be waited for in vain.
      if (error.cause instanceof Interrupted) unreachable.add(hostOf(source));
    }
  }
  throw failures.length === 1 ? failures[0] : severalFailures(model, failures);
}

async function fetchFrom(
  source: string,
  model: string,
  file: PlacedFile,
  record: FileRecord | undefined,
  options: FetchOptions,
): Promise<FileRecord> {
  const part = `${file.path}.part`;
  // A part that was continued may have been spoilt by whoever wrote its first half: once more from the start.
  for (let again = false; ; again = true) {
    const { continued, ...promised } = await bring(source, file, part, options);
    const [kind, pinned] = expectedHash(file, record);
    const expected = pinned ?? promised.sha256 ?? promised.blob;
    const by: HashKind = pinned ? kind : promised.sha256 ? 'sha256' : 'blob';
    const kinds = [...new Set<HashKind>(['sha256', ...(file.md5 ? (['md5'] as const) : []), by])];
    const hashes: Partial<Record<HashKind, string>> = await hashFile(part, kinds, options.signal);
    if (expected && hashes[by] !== expected) {
      await discard(part);
      if (continued && !again) continue;
      const recorded = pinned !== undefined && !file.sha256 && !file.md5;
      throw wrongHash(model, source, by, hashes[by]!, expected, recorded);
    }
    await rename(part, file.path);
    const { size, mtimeMs } = await stat(file.path);
    return { sha256: hashes.sha256!, md5: hashes.md5, bytes: size, mtimeMs, revision: promised.revision };
  }
}

/** Gets the bytes of a source into `part`; nothing is checked yet but what the source itself promises. */
async function bring(
  source: string,
  file: PlacedFile,
  part: string,
  options: FetchOptions,
): Promise<Promised & { continued: boolean }> {
  const { settings, signal } = options;
  const [scheme] = source.split(':', 1);
  const rest = source.slice(scheme.length + 1);
  if (scheme === 'npm') {
    const [, spec, path] = /^((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(rest)!;
    const tarball = await npmTarball(spec, settings, signal);
    const continued = await unpack(tarball, path, part, options);
    return { continued };
  }
  const remote: Remote & Promised =
    scheme === 'hf' ? await hubFile(rest, settings, signal, file.sha256) : webRemote(source, { settings });
  if (remote.bytes !== undefined && file.bytes !== undefined && remote.bytes !== file.bytes) {
    throw failed(
      remote.place,
      `it has ${remote.bytes} bytes where ${file.bytes} are expected`,
      'The publisher has replaced the file: update Vitrine, or correct the registry entry.',
    );
  }
  const { sha256, blob, revision } = remote;
  const continued = await transfer({ ...remote, bytes: file.bytes ?? remote.bytes }, part, options);
  return { sha256, blob, revision, continued };
}

function hostOf(source: string): string {
  return isWebAddress(source) ? new URL(source).host : source.split(':', 1)[0];
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  } catch (error) {
    throw diskError(error, folder) ?? error;
  }
}

function wrongHash(
  model: string,
  source: string,
  kind: HashKind,
  actual: string,
  expected: string,
  recorded: boolean,
): VitrineError {
  return new VitrineError({
    code: 'INVALID_MODEL',
    message: `${source} for ${model} came with the ${kind} ${actual} where ${expected} is expected; it was deleted`,
    hint: recorded
      ? `It is not what was downloaded here before: \`vitrine models remove ${model}\` forgets the old one, then pull again.`
      : 'Try again; if it happens each time, a proxy or mirror changes the file, or the publisher has replaced it.',
  });
}

function severalFailures(model: string, failures: VitrineError[]): VitrineError {
  const last = failures[failures.length - 1];
  return new VitrineError(
    {
      code: 'DOWNLOAD_FAILED',
      message: `No source of ${model} could be used. ${failures.map(({ message }) => message).join('. ')}`,
      hint: last.hint,
    },
    { cause: last },
  );
}
