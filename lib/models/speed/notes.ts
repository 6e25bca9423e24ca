import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { describeFileError } from '../../contracts';
import { placeFiles } from '../files';
import { readJson, writeNote } from '../records';
import type { Registry } from '../registry';
import type { Way } from './ways';

/** Name of the file in the home that remembers speeds. It may be deleted at any time. */
const SPEEDS = 'speeds.json';

/** By what they hold for, see `keyOf`; all but the milliseconds is for people. */
const notes = z.record(
  z.string(),
  z.object({
    model: z.string(),
    device: z.string(),
    precision: z.string(),
    hardware: z.string(),
    milliseconds: z.number().min(0),
  }),
);
export type SpeedNotes = z.output<typeof notes>;

/** What is remembered in a home; nothing where that cannot be read, or is not ours. */
export async function readSpeeds(home: string): Promise<SpeedNotes> {
  try {
    return notes.safeParse(await readJson(join(home, SPEEDS), {})).data ?? {};
  } catch (error) {
    if (!describeFileError(error)) throw error;
    return {};
  }
}

/**
 * Remembers more. What another process notes in the very same moment may be lost, and is measured again; where the home
 * cannot be written nothing is remembered.
 */
export async function noteSpeeds(home: string, more: SpeedNotes): Promise<void> {
  await writeNote(join(home, SPEEDS), { ...(await readSpeeds(home)), ...more });
}

/** What a way's speed holds for: the files as they are, what the registry says of them, the device. */
export async function keyOf(registry: Registry, { device, entry }: Way, hardware: string): Promise<string> {
  const files = placeFiles(registry, entry).map(async ({ path, sha256, md5 }) => {
    if (sha256 ?? md5) return sha256 ?? md5;
    const { size, mtimeMs } = await stat(path);
    return [size, mtimeMs];
  });
  const facts = JSON.stringify([hardware, device, entry, await Promise.all(files)]);
  return createHash('sha256').update(facts).digest('hex').slice(0, 32);
}
