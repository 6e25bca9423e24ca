import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type PictureDone, type PictureRecord, VitrineError, invalid, loadConfig } from '../contracts';
import { companionOf, moveFile, replayPicture } from '../engine';
import { contentId, ifThere } from './files';
import { EXIT, printJson, say } from './output';
import { withWorkers } from './workers';

const ENDING = '-augmentation';

interface ReplayOptions {
  backgrounds?: string;
  out?: string;
  json?: boolean;
}

/** A record, where it came from, and what was known of the picture then. */
interface Found {
  record: PictureRecord;
  /** Of the picture that was made; undefined for a record alone. */
  sha256?: string;
  /** The file it stands in. */
  file: string;
}

/**
 * Makes a picture again, and compares it with what it was.
 * @param place a file with a record, or `records.jsonl:<line>` or `records.jsonl:<name of the picture>`
 * @param dataset default: what the file's folder belongs to
 * @returns the exit code: 1 where it is not the same
 */
export async function replay(
  place: string,
  dataset: string | undefined,
  options: ReplayOptions,
): Promise<number> {
  const found = await findRecord(place);
  const companion = dataset ? companionOf(resolve(dataset)) : resolve(dirname(found.file));
  const root = dataset ? resolve(dataset) : ofCompanion(companion);
  const backgrounds = options.backgrounds && resolve(options.backgrounds);
  const { record, sha256: before } = found;
  return withWorkers(loadConfig(), ({ pool, workspace, signal }) =>
    workspace.withFolder(async (folder) => {
      const to = join(folder, `again${extname(record.file)}`);
      const done = await replayPicture({
        ...{ record, companion, backgrounds, to, pool, folder, signal },
        dataset: root,
      });
      const there = await ifThere(contentId(join(root, record.file)));
      const expected = before ?? there;
      const same = expected === undefined ? undefined : expected === done.sha256;
      if (options.out) await moveFile(to, resolve(options.out));
      const told = {
        file: record.file,
        sha256: done.sha256,
        same: same ?? null,
        unchanged: there === undefined ? null : there === done.sha256,
      };
      if (options.json) printJson({ input: place, ...told, ...(options.out && { output: options.out }) });
      else describe(told, options.out).forEach(say);
      return same === false ? EXIT.failed : EXIT.done;
    }),
  );
}

function describe(
  {
    file,
    sha256,
    same,
    unchanged,
  }: { file: string; sha256: string; same: boolean | null; unchanged: boolean | null },
  out?: string,
): string[] {
  const words =
    same === null ? 'nothing is left to compare it with' : same ? 'the same bytes' : 'other bytes';
  return [
    `${file}${out ? ` -> ${out}` : ''}: ${words} (SHA-256 ${sha256})`,
    ...(same && unchanged === false ? ['  The file in the data set was changed since it was made.'] : []),
    ...(same === false
      ? [
          '  Its record is of another version, a cutout was made anew by another device, or a file was changed.',
        ]
      : []),
  ];
}

/** @throws VitrineError NOT_FOUND, INVALID_PARAMETER */
async function findRecord(place: string): Promise<Found> {
  if (await isFile(place)) return { ...read(await readFile(place, 'utf8'), place), file: place };
  const [, file, which] = /^(.+?\.jsonl):(.+)$/s.exec(place) ?? [];
  if (file === undefined || !(await isFile(file))) {
    throw new VitrineError({
      code: 'NOT_FOUND',
      message: `There is no record at ${place}`,
      hint: 'Name a file with a record, or a line of the records: shelf-augmentation/records.jsonl:17, or records.jsonl:0123/syn/aug_0007.jpg.',
    });
  }
  const line = await findLine(file, which);
  if (line === undefined)
    throw invalid('--replay', 'a line, or the name of a picture, that is in the file', which);
  return { ...read(line, place), file };
}

async function findLine(file: string, which: string): Promise<string | undefined> {
  const number = /^\d+$/.test(which) ? Number(which) : undefined;
  let at = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (
      number !== undefined ? ++at === number : line.includes(JSON.stringify(which)) && nameIn(line) === which
    )
      return line;
  }
  return undefined;
}

function nameIn(line: string): string | undefined {
  try {
    return (JSON.parse(line) as PictureDone).record.file;
  } catch {
    return undefined;
  }
}

/** A line of the records, or a record alone. */
function read(text: string, place: string): Pick<Found, 'record' | 'sha256'> {
  let value: Partial<PictureDone> | undefined;
  try {
    value = JSON.parse(text) as Partial<PictureDone>;
  } catch {
    // Said below.
  }
  if (typeof value !== 'object' || value === null) {
    throw invalid(
      '--replay',
      'the record of a picture',
      place,
      'A file with several is named with a line: records.jsonl:17.',
    );
  }
  // What is wrong in it is told by the one who reads it.
  return value.record ? { record: value.record, sha256: value.sha256 } : { record: value as PictureRecord };
}

function ofCompanion(folder: string): string {
  if (folder.endsWith(ENDING)) return folder.slice(0, -ENDING.length);
  const hint = 'Name it: vitrine augment <dataset> --replay …';
  throw invalid('the data set', 'known by the place of the record', folder, hint);
}

async function isFile(path: string): Promise<boolean> {
  return (await ifThere(stat(path)))?.isFile() ?? false;
}
