import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { VitrineError, mapLimit } from '../../contracts';
import { type Supabase, storageKey } from '../../providers';
import { supabaseOf } from '../jobs/supabase-access';
import type { JobRun } from '../jobs/types';
import { Uploads } from '../jobs/uploads';
import { companionOf, lockFolder } from './companion';
import { type Filled, augmentFolder } from './folder';
import { byName, isMade, isPicture } from './names';

/** Files that are downloaded at a time. */
const AT_ONCE = 8;
/** What is read again by the next run; all else it makes anew. */
const READ_AGAIN = ['records.jsonl', 'state.json'];
/** Digests of what lies beside the data set, so that nothing is uploaded that is there. */
const MANIFEST = 'manifest.json';
/** Not uploaded: cutouts are cut again, and links are of this machine. */
const STAYS = /^(\.|cutouts\/|yolo\/images(\/|$))/;
/** What tells of the run itself, and so is another each time. */
const REPORTS = /^report\./;

/**
 * Tops up a data set that lies in a bucket of Supabase, as folders do: its originals are downloaded, what is missing is
 * made and uploaded, with all that lies beside it in `<prefix>-augmentation/`. A job that fails leaves the bucket as it was.
 * @throws VitrineError what `augmentFolder` and Supabase can say; NOT_FOUND where there are no pictures
 */
export async function augmentStored(job: JobRun<'augment'>): Promise<Filled> {
  const { params, secrets, config, signal } = job;
  const bucket = params.bucket;
  const prefix = storageKey(params.prefix ?? params.dataset_id!);
  const supabase = supabaseOf({ url: params.supabase_url }, { secrets, config }, signal);
  const url = params.supabase_url ?? config.supabaseUrl;
  const digest = createHash('sha256')
    .update(JSON.stringify([url, bucket, prefix]))
    .digest('hex');
  const place = join(config.homeDir, 'augmenting', digest.slice(0, 32));
  const lost = new AbortController();
  await mkdir(place, { recursive: true });
  const release = await lockFolder(place, signal, (error) => lost.abort(error));
  try {
    const run = { ...job, signal: AbortSignal.any([signal, lost.signal]) };
    return await topUp(run, new Bucket(supabase.with({ signal: run.signal }), bucket, prefix));
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    await release();
  }
}

async function topUp(job: JobRun<'augment'>, bucket: Bucket): Promise<Filled> {
  const { folder } = job;
  const root = join(folder, 'dataset');
  const companion = companionOf(root);
  const there = await bucket.download(root, companion, job);
  const before = await manifestOf(companion);
  const { pictures, aside } = await bucket.open(job);
  const { bucket: name, prefix } = bucket;
  const place = { bucket: name, prefix, downloaded: there.downloaded };
  let uploaded = 0;
  try {
    const filled = await augmentFolder(
      {
        ...{ root, elsewhere: there.made, title: prefix },
        where: {
          dataset_id: job.params.dataset_id!,
          dataset_path: null,
          supabase: { ...place, uploaded: 0 },
        },
        onMade: async (made) => {
          for (const { record } of made) await pictures.add(record.file, join(root, record.file));
          uploaded += made.length;
        },
      },
      job,
    );
    // First the pictures: records of pictures that are not there do no harm.
    await pictures.finish();
    for (const file of await changedAside(companion, before)) {
      await aside.add(file, join(companion, file));
      uploaded++;
    }
    await aside.finish();
    const facts = { ...filled.facts, augmentation_path: null, supabase: { ...place, uploaded } };
    return { ...filled, facts };
  } catch (error) {
    await pictures.abandon();
    await aside.abandon();
    throw error;
  }
}

/** A data set in a bucket. */
class Bucket {
  constructor(
    private readonly supabase: Supabase,
    readonly bucket: string,
    readonly prefix: string,
  ) {}

  /**
   * Downloads originals, and what an earlier run wrote down.
   * @returns names of the made pictures, which stay where they are
   */
  async download(
    root: string,
    companion: string,
    { signal, onProgress }: JobRun<'augment'>,
  ): Promise<{ made: string[]; downloaded: number }> {
    const names = await this.namesBelow(this.prefix);
    const pictures = names.filter((name) => name.includes('/') && isPicture(basename(name)));
    if (!pictures.length) throw noPictures(this.bucket, this.prefix);
    const aside = await this.namesBelow(`${this.prefix}-augmentation`);
    const wanted = [
      ...pictures
        .filter((name) => !isMade(basename(name)))
        .map((name) => ({ name, of: this.prefix, to: root })),
      ...[...READ_AGAIN, MANIFEST]
        .filter((name) => aside.includes(name))
        .map((name) => ({ name, of: `${this.prefix}-augmentation`, to: companion })),
    ];
    await mkdir(root, { recursive: true });
    let done = 0;
    await mapLimit(wanted, AT_ONCE, signal, async ({ name, of, to }) => {
      const file = join(to, name);
      await mkdir(dirname(file), { recursive: true });
      await this.supabase.download(this.bucket, `${of}/${name}`, file);
      const message = `file ${++done} of ${wanted.length} is here`;
      onProgress({ stage: 'fetch', fraction: 0, message });
    });
    return { made: pictures.filter((name) => isMade(basename(name))), downloaded: wanted.length };
  }

  async open({ signal, onDefect }: JobRun<'augment'>): Promise<{ pictures: Uploads; aside: Uploads }> {
    const { supabase, bucket, prefix } = this;
    const open = (folder: string) => Uploads.open({ supabase, bucket, folder, signal, onDefect });
    return { pictures: await open(prefix), aside: await open(`${prefix}-augmentation`) };
  }

  /** Names below a folder; none that would lead out of it. */
  private async namesBelow(folder: string): Promise<string[]> {
    const files = await this.supabase.list(this.bucket, folder);
    return files
      .map(({ key }) => key.slice(folder.length + 1))
      .filter((name) => name.split('/').every((part) => part && !/^\.{1,2}$|[\\:]/.test(part)));
  }
}

/** SHA-256 of what lies beside the data set in the bucket, by their names. */
async function manifestOf(companion: string): Promise<Record<string, string>> {
  const text = await readFile(join(companion, MANIFEST), 'utf8').catch(() => '{}');
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}

/** What lies beside the data set and is other than in the bucket, the list of its digests last. */
async function changedAside(companion: string, before: Record<string, string>): Promise<string[]> {
  const names = await filesBelow(companion);
  const now = { ...before };
  for (const name of names) {
    const bytes = await readFile(join(companion, name));
    now[name] = createHash('sha256').update(bytes).digest('hex');
  }
  const changed = names.filter((name) => now[name] !== before[name]);
  if (changed.every((name) => REPORTS.test(name))) return [];
  await writeFile(join(companion, MANIFEST), `${JSON.stringify(now)}\n`);
  return [...changed, MANIFEST];
}

async function filesBelow(companion: string): Promise<string[]> {
  const entries = await readdir(companion, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const names = files.map((entry) =>
    relative(companion, join(entry.parentPath, entry.name)).split(sep).join('/'),
  );
  return names.filter((name) => name !== MANIFEST && !STAYS.test(name)).sort(byName);
}

function noPictures(bucket: string, prefix: string): VitrineError {
  return new VitrineError({
    code: 'NOT_FOUND',
    message: `There are no pictures of a data set below ${prefix} in the bucket ${bucket}`,
    hint: 'Upload it as <prefix>/<UPC>/real/photo.jpg, or name its place with bucket and prefix.',
  });
}
