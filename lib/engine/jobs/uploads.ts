import { extname } from 'node:path';
import { throwIfAborted } from '../../contracts';
import { type Supabase, storageKey } from '../../providers';

/** Files that are uploaded at a time: more are refused by Supabase, or make it slow. */
const AT_ONCE = 8;
/** Files that may wait for that before who adds them waits too; only their paths are kept. */
const WAITING = 256;
/** Seconds that what is under way has to end, and that removing may take, when uploads are abandoned. */
const [LAST_SECONDS, REMOVAL_SECONDS] = [15, 60];

const CONTENT_TYPES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.webm': 'video/webm',
  '.mp4': 'video/mp4',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.html': 'text/html',
  '.txt': 'text/plain',
  '.zip': 'application/zip',
};

export interface UploadOptions {
  supabase: Supabase;
  bucket: string;
  /** The folder in the bucket that all files go into, such as the product's id. */
  folder: string;
  signal: AbortSignal;
  /** Told of what could not be removed again, for the log only. */
  onDefect(error: unknown): void;
}

interface Upload {
  key: string;
  /** A path that stays until `finish`, or bytes. */
  source: string | Buffer;
}

/**
 * Files on their way into a folder of a bucket, while the work goes on that makes them. What is there already is
 * overwritten by `finish` only, when all is made: work that fails leaves an earlier result as it was, and of its own
 * nothing.
 */
export class Uploads {
  /** Keys that were there before. */
  private readonly earlier: Set<string>;
  /** Keys that are there, or may be, because of this. */
  private readonly begun = new Set<string>();
  private readonly queue: Upload[] = [];
  /** What waits for `finish`: it replaces something. */
  private readonly held: Upload[] = [];
  private readonly replaced: string[] = [];
  private readonly under = new Set<Promise<void>>();
  private readonly stopped = new AbortController();
  private failure?: unknown;
  private wake: (() => void)[] = [];
  /** Uploads are not broken off with the job: one that arrives after its removal would stay. */
  private readonly cutOff = new AbortController();
  private readonly supabase: Supabase;
  private readonly onAbort = () => this.stop();

  private constructor(
    private readonly options: UploadOptions,
    /** As it is called in the bucket. */
    readonly folder: string,
    earlier: string[],
  ) {
    this.earlier = new Set(earlier);
    this.supabase = options.supabase.with({ signal: this.cutOff.signal, waiting: this.stopped.signal });
    options.signal.addEventListener('abort', this.onAbort, { once: true });
  }

  /**
   * Looks at what is in the folder, and begins.
   * @throws VitrineError what `Supabase` throws, such as for a bucket that is not there; INVALID_PARAMETER
   */
  static async open(options: UploadOptions): Promise<Uploads> {
    const { supabase, bucket, folder } = options;
    const safe = storageKey(folder);
    const there = await supabase.list(bucket, safe);
    throwIfAborted(options.signal);
    return new Uploads(
      options,
      safe,
      there.map(({ key }) => key),
    );
  }

  /** Keys that were there before, in their order. */
  get before(): string[] {
    return [...this.earlier];
  }

  /** The key of a file of that name. */
  keyOf(name: string): string {
    return `${this.folder}/${storageKey(name)}`;
  }

  /**
   * Takes a file in; waits where too many do.
   * @param name below the folder
   * @param source its path, which must stay there until `finish`, or its bytes
   * @throws what an earlier file failed with
   */
  async add(name: string, source: string | Buffer): Promise<void> {
    const upload = { key: this.keyOf(name), source };
    this.check();
    if (this.earlier.has(upload.key)) {
      this.held.push(upload);
      return;
    }
    await this.until(() => this.queue.length < WAITING);
    this.check();
    this.queue.push(upload);
    this.pump();
  }

  /**
   * Waits until all files are there, those that replace others too.
   * @returns keys whose files were replaced
   * @throws what a file failed with
   */
  async finish(): Promise<{ replaced: string[] }> {
    const ended = () => !this.queue.length && !this.under.size;
    await this.until(ended);
    this.check();
    this.queue.push(...this.held.splice(0));
    this.pump();
    await this.until(ended);
    this.check();
    this.options.signal.removeEventListener('abort', this.onAbort);
    return { replaced: this.replaced };
  }

  /** Stops, and removes what is there because of this. It does not throw: what called for it has its own reason. */
  async abandon(): Promise<void> {
    const { options, begun, cutOff, under } = this;
    this.stop();
    options.signal.removeEventListener('abort', this.onAbort);
    const timer = setTimeout(() => cutOff.abort(), LAST_SECONDS * 1000);
    await Promise.all(under);
    clearTimeout(timer);
    const signal = AbortSignal.timeout(REMOVAL_SECONDS * 1000);
    await options.supabase
      .with({ signal })
      .remove(options.bucket, [...begun])
      .catch(options.onDefect);
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
    throwIfAborted(this.options.signal);
  }

  private pump(): void {
    while (this.under.size < AT_ONCE && this.queue.length && !this.stopped.signal.aborted) {
      const work = this.send(this.queue.shift()!)
        .catch((error: unknown) => {
          this.failure ??= error;
          this.stop();
        })
        .finally(() => {
          this.under.delete(work);
          this.pump();
          this.tellAll();
        });
      this.under.add(work);
    }
  }

  private async send({ key, source }: Upload): Promise<void> {
    const replaces = this.earlier.has(key);
    if (replaces) this.replaced.push(key);
    else this.begun.add(key);
    const type = CONTENT_TYPES[extname(key).toLowerCase()] ?? 'application/octet-stream';
    await this.supabase.upload(this.options.bucket, key, source, type);
  }

  /** Begins nothing more, and waits for no further attempt. */
  private stop(): void {
    this.queue.length = 0;
    this.held.length = 0;
    this.stopped.abort();
    this.tellAll();
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.stopped.signal.aborted)
      await new Promise<void>((resolve) => this.wake.push(resolve));
  }

  private tellAll(): void {
    for (const resolve of this.wake.splice(0)) resolve();
  }
}
