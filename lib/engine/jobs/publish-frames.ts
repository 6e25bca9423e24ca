import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ProductRow } from '../../contracts';
import type { Supabase } from '../../providers';
import { Uploads } from './uploads';

/** Names of frames, those of an earlier job too. */
const FRAME = /\/frame_\d+\.(png|jpe?g|webp)$/;

export interface FramesTarget {
  supabase: Supabase;
  /** The seed service's: `frames`. */
  bucket: string;
  /** Names the folder in the bucket, and the row. */
  productId: string | number;
  /** Left out: no row is changed. */
  row?: ProductRow;
  signal: AbortSignal;
  /** Told of what could not be removed again, for the log only. */
  onDefect(error: unknown): void;
}

/** What is known when all frames are made. */
export interface FramesFacts {
  /** The file of the frame that stands for the product; one of those that were added. */
  primary: string;
  /** Written to `metadata.json` beside the frames. */
  document: object;
  /** Written to the row; left out or null: what is there stays. */
  metadata?: object | null;
}

/** Where everybody finds the frames of a public bucket. */
export interface PublishedFrames {
  frame_count: number;
  /** The folder, with a slash at the end: `…/storage/v1/object/public/frames/<product_id>/`. */
  frames_url: string;
  /** With `?v=…` where it takes the place of an earlier picture, which caches still have. */
  primary_image_url: string;
}

/**
 * Frames of a product on their way into its folder, and then into its row. First `open`, then `add` for each, then
 * `publish`; `abandon` in place of it, or after it failed.
 */
export class FramesDelivery {
  private readonly names = new Set<string>();

  private constructor(
    private readonly target: FramesTarget,
    private readonly uploads: Uploads,
    /** What has to be told of where they go. */
    readonly warnings: readonly string[],
  ) {}

  /**
   * @throws VitrineError what keeps the frames from being published, as far as it can be known before there are any: no
   *   such bucket, no such row, no such column, a key that may not; INVALID_PARAMETER
   */
  static async open(target: FramesTarget): Promise<FramesDelivery> {
    const { supabase, bucket, productId, row, signal, onDefect } = target;
    if (row) {
      const { table, id, ...columns } = row;
      const written = Object.values(columns).filter(Boolean);
      await supabase.checkRow(table, id, productId, written);
    }
    const folder = String(productId);
    const uploads = await Uploads.open({ supabase, bucket, folder, signal, onDefect });
    return new FramesDelivery(target, uploads, (await supabase.isPrivate(bucket)) ? [notPublic(bucket)] : []);
  }

  /**
   * @param file named as it is to be, `frame_0001.png`; it must stay until `publish`
   * @throws what an earlier one failed with
   */
  async add(file: string): Promise<void> {
    const name = basename(file);
    this.names.add(name);
    await this.uploads.add(name, file);
  }

  /**
   * Waits for all frames, changes the row, and takes away the frames of an earlier job that this one did not make: last,
   * so that a row that cannot be changed still has them. Those that cannot be taken away are told to the log.
   * @throws what `Supabase` throws
   */
  async publish({ primary, document, metadata }: FramesFacts): Promise<PublishedFrames> {
    const { uploads, names } = this;
    const { supabase, bucket, row, productId, onDefect } = this.target;
    await uploads.add('metadata.json', Buffer.from(`${JSON.stringify(document, null, 2)}\n`));
    const { replaced } = await uploads.finish();
    const key = uploads.keyOf(basename(primary));
    const version = replaced.includes(key) ? `?v=${await versionOf(primary)}` : '';
    const published: PublishedFrames = {
      frame_count: names.size,
      frames_url: supabase.publicUrl(bucket, `${uploads.folder}/`),
      primary_image_url: supabase.publicUrl(bucket, key) + version,
    };
    if (row) {
      const patch = patchOf(row, { ...published, metadata });
      await supabase.updateRow(row.table, row.id, productId, patch);
    }
    const made = new Set([...names].map((name) => uploads.keyOf(name)));
    const left = uploads.before.filter((each) => FRAME.test(each) && !made.has(each));
    await supabase.remove(bucket, left).catch(onDefect);
    return published;
  }

  /** Takes back what is public already; it does not throw. */
  async abandon(): Promise<void> {
    await this.uploads.abandon();
  }
}

function notPublic(bucket: string): string {
  return `The bucket ${bucket} in Supabase is not public: the addresses of the frames open for nobody. Make it public in its settings.`;
}

type Fields = PublishedFrames & Pick<FramesFacts, 'metadata'>;

/** What is known, by the columns that it is written to. */
function patchOf(row: ProductRow, fields: Fields): Record<string, unknown> {
  const names = Object.keys(fields) as (keyof Fields)[];
  const known = names.filter((name) => row[name] && (fields[name] ?? null) !== null);
  return Object.fromEntries(known.map((name) => [row[name], fields[name]]));
}

/** The same for the same picture. */
async function versionOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 8);
}
