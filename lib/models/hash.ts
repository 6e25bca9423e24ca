import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** `blob`: git's name for a content, which is what a Hugging Face hub tells of its small files. */
export type HashKind = 'sha256' | 'md5' | 'blob';

/** Reads a file once for all the hashes asked for: hexadecimal, in lower case. */
export async function hashFile<K extends HashKind>(
  path: string,
  kinds: readonly K[],
  signal?: AbortSignal,
): Promise<Record<K, string>> {
  const { size } = await stat(path);
  const hashes = kinds.map((kind) => createHash(kind === 'blob' ? 'sha1' : kind));
  kinds.forEach((kind, i) => kind === 'blob' && hashes[i].update(`blob ${size}\0`));
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    for (const hash of hashes) hash.update(chunk);
  }
  return Object.fromEntries(kinds.map((kind, i) => [kind, hashes[i].digest('hex')])) as Record<K, string>;
}
