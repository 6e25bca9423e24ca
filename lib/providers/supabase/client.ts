import { readFile, rename, rm } from 'node:fs/promises';
import type { SupabaseClient } from '@supabase/supabase-js';
import { VitrineError, mapLimit } from '../../contracts';
import { type Service, denied, rejected } from '../errors';
import { callService } from '../http';
import { loadSupabase } from '../lazy';
import { CallFailed, type Place, explain, noRow, statusOf, supabaseAt, unreadable } from './errors';
import { encodeKey } from './keys';
import { type SupabaseAccess, fetchThrough, requestOf } from './request';

/** Entries of one page of a list: Supabase gives no more. */
const PAGE = 1000;
/** Files that one request removes. */
const REMOVED_AT_ONCE = 200;
/** Folders that are listed at a time. */
const LISTED_AT_ONCE = 4;
/** Bytes of a file that is downloaded. */
const MAX_FILE_BYTES = 2 * 1024 ** 3;

/** Printable ASCII without blanks: anything else cannot be a header, and is no key of Supabase's. */
const KEY = /^[\x21-\x7e]{1,4096}$/;

/** A file in a bucket. */
export interface StoredFile {
  /** From the root of the bucket. */
  key: string;
  /** Undefined where Supabase does not say it. */
  bytes?: number;
}

/** What the library answers. */
type Answer<T> = { data: T | null; error: Error | null };

/**
 * A Supabase project: files in its Storage, rows of its tables. Requests that may pass are asked again.
 * All methods throw VitrineError PROVIDER_DENIED, PROVIDER_REJECTED, PROVIDER_BUSY, PROVIDER_FAILED, ADDRESS_BLOCKED and
 * what the signal was aborted with; no message holds the key.
 */
export class Supabase {
  private readonly client: SupabaseClient;
  private readonly service: Service;

  constructor(private readonly access: SupabaseAccess) {
    this.service = supabaseAt(access.url);
    if (!KEY.test(access.key))
      throw denied('it has blanks, line ends or other characters that no key has', this.service);
    this.client = loadSupabase().createClient(access.url, access.key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      // Before Node 22 it is not made without one, and nothing here listens to changes.
      realtime: { transport: NoSocket as never },
      global: { fetch: fetchThrough(access) },
    });
  }

  /** The same project, with other signals. */
  with(signals: Pick<SupabaseAccess, 'signal' | 'waiting'>): Supabase {
    return new Supabase({ ...this.access, ...signals });
  }

  /**
   * Writes a file, over one of that key if there is one.
   * @param key as `storageKey` makes it
   * @param source its path, or its bytes
   */
  async upload(bucket: string, key: string, source: string | Buffer, contentType: string): Promise<void> {
    const body = typeof source === 'string' ? await readFile(source) : source;
    const place = { bucket, key };
    try {
      await this.ask(place, () =>
        this.client.storage.from(bucket).upload(encodeKey(key), body, { contentType, upsert: true }),
      );
    } catch (error) {
      throw error instanceof TooLargeToStore ? await this.tooLarge(place, body.length, error) : error;
    }
  }

  /** Writes a file of a bucket to `file`, of which nothing is left when it fails. */
  async download(bucket: string, key: string, file: string): Promise<void> {
    const { url, key: secret } = this.access;
    const part = `${file}.part`;
    // The library has the whole of a file in memory.
    const request = {
      ...requestOf(this.access),
      url: `${url}/storage/v1/object/${encodeURIComponent(bucket)}/${encodeKey(key)}`,
      headers: { apikey: secret, Authorization: `Bearer ${secret}` },
      maxBytes: MAX_FILE_BYTES,
      file: part,
    };
    try {
      await callService(request, (failure) => explain(failure, { bucket, key }, this.service));
      await rename(part, file);
    } finally {
      await rm(part, { force: true });
    }
  }

  /** Removes files; those that are not there are fine. */
  async remove(bucket: string, keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += REMOVED_AT_ONCE) {
      const some = keys.slice(from, from + REMOVED_AT_ONCE);
      await this.ask({ bucket }, () => this.client.storage.from(bucket).remove(some));
    }
  }

  /**
   * The files below a folder, those in folders inside it too, in the order of their keys.
   * @param folder without a slash at the end; blank: the whole bucket
   */
  async list(bucket: string, folder = ''): Promise<StoredFile[]> {
    const found = new Map<string, StoredFile>();
    let folders = [folder];
    while (folders.length) {
      const inside = await mapLimit(folders, LISTED_AT_ONCE, this.access.signal, (each) =>
        this.listFolder(bucket, each, found),
      );
      folders = inside.flat();
    }
    return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Where everybody finds a file of a public bucket; with a slash at the end, a folder. */
  publicUrl(bucket: string, key: string): string {
    const { url } = this.access;
    return `${url}/storage/v1/object/public/${encodeURIComponent(bucket)}/${encodeKey(key)}`;
  }

  /** Whether nobody finds the files of a bucket without a key; false as well where it cannot be known. */
  async isPrivate(bucket: string): Promise<boolean> {
    return (await this.settingsOf(bucket))?.public === false;
  }

  /**
   * Looks for a row before there is anything to write into it.
   * @param columns that will be written
   * @throws VitrineError PROVIDER_REJECTED where the row or one of the columns is not there, too
   */
  async checkRow(
    table: string,
    column: string,
    value: string | number,
    columns: string[] = [],
  ): Promise<void> {
    const asked = [...new Set([column, ...columns])].join(',');
    const rows = await this.ask({ table }, () =>
      // Its own further attempts would multiply ours.
      this.client.from(table).select(asked).eq(column, value).limit(1).retry(false).throwOnError(),
    );
    if (!rows.length) throw noRow(table, column, value);
  }

  /**
   * Changes the row whose `column` is `value`.
   * @throws VitrineError PROVIDER_REJECTED where no row was changed, too
   */
  async updateRow(
    table: string,
    column: string,
    value: string | number,
    patch: Record<string, unknown>,
  ): Promise<void> {
    // Without asking for the row back, an update that reaches none is answered as if it had.
    const rows = await this.ask({ table }, () =>
      this.client.from(table).update(patch).eq(column, value).select(column).throwOnError(),
    );
    if (!rows.length) throw noRow(table, column, value);
  }

  private async listFolder(
    bucket: string,
    folder: string,
    found: Map<string, StoredFile>,
  ): Promise<string[]> {
    const folders: string[] = [];
    const prefix = folder && `${folder}/`;
    for (let offset = 0; ; offset += PAGE) {
      const options = { limit: PAGE, offset, sortBy: { column: 'name', order: 'asc' } };
      const entries = await this.ask({ bucket }, () =>
        this.client.storage.from(bucket).list(prefix, options),
      );
      for (const { id, name, metadata } of entries) {
        // Supabase names what is in the folder; other backends of the same API give whole keys, of all folders inside.
        const key = name.includes('/') ? name : prefix + name;
        if (id === null) folders.push(key);
        else if (!key.endsWith('/.emptyFolderPlaceholder')) found.set(key, { key, bytes: sizeOf(metadata) });
      }
      if (entries.length < PAGE) return folders;
    }
  }

  /** Undefined where the key may not look at buckets. */
  private async settingsOf(bucket: string) {
    return this.ask({ bucket }, () => this.client.storage.getBucket(bucket)).catch(() => undefined);
  }

  /** What the library answers; its errors in our words. */
  private async ask<T>(place: Place, call: () => PromiseLike<Answer<T>>): Promise<T> {
    try {
      const { data, error } = await call();
      if (error) throw (error as { originalError?: unknown }).originalError ?? error;
      return data as T;
    } catch (error) {
      if (error instanceof VitrineError) throw error;
      if (isUnread(error)) throw unreadable(this.service, error);
      if (!(error instanceof CallFailed)) throw error;
      const { failure } = error;
      const explained = explain(failure, place, this.service);
      const isTooLarge = failure.kind === 'refused' && statusOf(failure) === 413;
      throw isTooLarge ? new TooLargeToStore(explained.toJSON()) : explained;
    }
  }

  /** Which of the two limits it was: the project's counts first, and that of the bucket can only be lower. */
  private async tooLarge(
    { bucket, key }: { bucket: string; key: string },
    bytes: number,
    refusal: TooLargeToStore,
  ): Promise<VitrineError> {
    const told = await this.settingsOf(bucket);
    if (!told) return refusal;
    const limit = told.file_size_limit;
    const message = `${key} has ${inWords(bytes)}, more than Supabase takes`;
    if (limit && bytes > limit) {
      return rejected(
        `${message}: the bucket ${bucket} has a limit of ${inWords(limit)} a file`,
        'Raise the limit of the bucket, or make smaller pictures.',
      );
    }
    return rejected(
      `${message}: the limit of the whole project`,
      'Raise the global file size limit in the Storage settings of the project, or make smaller pictures.',
    );
  }
}

/** A file is over a limit, not yet known which. */
class TooLargeToStore extends VitrineError {}

/** In the place of a WebSocket, which is never opened. */
class NoSocket {
  constructor() {
    throw new Error('Changes are not listened to');
  }
}

/** What the library says of an answer that it cannot read. */
function isUnread(error: unknown): boolean {
  return /^(SyntaxError|PostgrestError|Storage\w*Error)$/.test((error as Error).name);
}

function inWords(bytes: number): string {
  const kilobytes = bytes / 1024;
  return kilobytes < 1000 ? `${kilobytes.toFixed(1)} kB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}

function sizeOf(metadata: unknown): number | undefined {
  const { size } = (metadata ?? {}) as { size?: unknown };
  return typeof size === 'number' ? size : undefined;
}
