import { randomBytes } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { FORMATS, JOBS, type Job, type JobArtifact, VitrineError, throwIfAborted } from '../../contracts';
import { makeFolder } from '../make-folder';
import { UNFINISHED, moveFile } from '../move-file';

/** Milliseconds that callers have to begin to fetch a result, or the next part of it, before the engine may leave. */
const FETCH_GRACE_MS = 5_000;
/** Milliseconds to begin to delete one that was fetched. */
const DELETE_GRACE_MS = 500;

const TOKEN = '[A-Za-z0-9_-]{22}';
const artifacts = Object.values<Job>(JOBS).flatMap((job) => Object.values(job.artifacts));
const oneOf = (texts: (string | undefined)[]) => [...new Set(texts.filter(Boolean))].join('|');
/** Our own names and nothing else: `cleanup_<token>.png`, `design_<id>_<token>_front_rmbg.png`. */
const SAFE_NAME = new RegExp(
  `^(?:${oneOf(artifacts.map(({ prefix }) => prefix))})(?:_[A-Za-z0-9-]+)?_${TOKEN}` +
    `(?:_(?:${oneOf(artifacts.map(({ suffix }) => suffix))}))?\\.[a-z0-9]{1,5}$`,
);

/** A file that a job has made, and what its name is made of. */
export interface MadeFile extends JobArtifact {
  file: string;
  /** Letters, digits and hyphens. */
  label?: string;
}

/** The output folder: finished files under unguessable names, for a while. */
export class Outputs {
  private readonly folder: string;
  /** Names of files that nobody has fetched yet. */
  private readonly unfetched = new Set<string>();
  /** Files that are being fetched. */
  private reading = 0;
  /** When a file was last made, fetched or deleted. */
  private touched = -Infinity;

  constructor(
    folder: string,
    private readonly ttlHours: number,
  ) {
    this.folder = resolve(folder);
  }

  /** True while somebody fetches a file, or may be about to fetch or delete one. */
  get areAwaited(): boolean {
    if (this.reading) return true;
    return performance.now() - this.touched < (this.unfetched.size ? FETCH_GRACE_MS : DELETE_GRACE_MS);
  }

  /** Somebody has just been told where files lie. */
  expectCallers(): void {
    this.touched = performance.now();
  }

  /** @throws VitrineError FILE_ERROR, DISK_FULL when the folder cannot be made or written to */
  async prepare(): Promise<void> {
    await makeFolder(this.folder, 'OUTPUT_DIR');
  }

  /**
   * Takes finished files over from a job's folder: all of them or none.
   * @param signal while it is not aborted the caller may fetch them; a caller who goes away leaves none
   * @throws VitrineError FILE_ERROR, DISK_FULL when the folder cannot be made or written to; CANCELLED
   * @returns their names, for `/download/{name}`, in the order of the files
   */
  async keep(files: readonly MadeFile[], signal: AbortSignal): Promise<string[]> {
    // A cleaner may have taken the folder away.
    await this.prepare();
    const names: string[] = [];
    const drop = () => {
      for (const name of names) this.settle(name);
      return Promise.all(names.map((name) => rm(join(this.folder, name), { force: true })));
    };
    try {
      for (const { file, prefix, label, suffix } of files) {
        throwIfAborted(signal);
        const token = randomBytes(16).toString('base64url');
        const name = [prefix, label, token, suffix].filter(Boolean).join('_') + extname(file);
        names.push(name);
        this.unfetched.add(name);
        await moveFile(file, join(this.folder, name));
      }
      throwIfAborted(signal);
      this.touched = performance.now();
    } catch (error) {
      await drop();
      throw error;
    }
    // A file that cannot be deleted now goes with its time to live.
    signal.addEventListener('abort', () => void drop().catch(() => undefined), { once: true });
    return names;
  }

  /** @throws VitrineError NOT_FOUND */
  async open(name: string): Promise<{ stream: ReadStream; size: number; mimeType: string }> {
    const path = this.path(name);
    const info = await stat(path).catch(() => undefined);
    if (!info?.isFile()) throw notFound(name);
    const format = Object.values(FORMATS).find(({ extension }) => extname(name) === `.${extension}`);
    const stream = createReadStream(path);
    this.reading += 1;
    stream.once('close', () => {
      this.reading -= 1;
      this.touched = performance.now();
      if (stream.bytesRead >= info.size) this.settle(name);
    });
    return {
      stream,
      size: info.size,
      mimeType: format?.mimeType ?? 'application/octet-stream',
    };
  }

  /** @throws VitrineError NOT_FOUND */
  async remove(name: string): Promise<void> {
    const path = this.path(name);
    this.settle(name);
    await rm(path).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? notFound(name) : error;
    });
  }

  /** Deletes what is older than the time to live. */
  async sweep(now = Date.now()): Promise<void> {
    await this.prepare();
    for (const name of await readdir(this.folder)) {
      if (!SAFE_NAME.test(name) && !UNFINISHED.test(name)) continue;
      const path = join(this.folder, name);
      const info = await stat(path).catch(() => undefined);
      if (info && now - info.mtimeMs > this.ttlHours * 3_600_000) {
        this.settle(name);
        await rm(path, { force: true });
      }
    }
  }

  /** A file that nobody needs to wait for any more. */
  private settle(name: string): void {
    this.unfetched.delete(name);
    this.touched = performance.now();
  }

  private path(name: string): string {
    if (!SAFE_NAME.test(name)) throw notFound(name);
    return join(this.folder, name);
  }
}

function notFound(name: string): VitrineError {
  return new VitrineError({
    code: 'NOT_FOUND',
    message: `There is no file ${JSON.stringify(name.slice(0, 80))} here`,
    hint: 'Results are kept for VITRINE_OUTPUT_TTL_HOURS on the engine that made them; run the job again.',
  });
}
