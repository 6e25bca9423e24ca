import { randomBytes } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { FORMATS, VitrineError } from '../../contracts';
import { makeFolder } from '../make-folder';
import { moveFile } from '../move-file';

const SAFE_NAME = /^[a-z0-9]+(?:_[A-Za-z0-9-]+)*_[A-Za-z0-9_-]{22}\.[a-z0-9]{1,5}$/;

/** The output folder: finished files under unguessable names, for a while. */
export class Outputs {
  private readonly folder: string;

  constructor(
    folder: string,
    private readonly ttlHours: number,
  ) {
    this.folder = resolve(folder);
  }

  async prepare(): Promise<void> {
    await makeFolder(this.folder, 'OUTPUT_DIR');
  }

  /**
   * Takes a finished file over from a job's folder.
   * @param prefix what made it, e.g. `cleanup`
   * @returns its name, for `/download/{name}`
   */
  async keep(file: string, prefix: string): Promise<string> {
    const name = `${prefix}_${randomBytes(16).toString('base64url')}${extname(file)}`;
    await moveFile(file, join(this.folder, name));
    return name;
  }

  /** @throws VitrineError NOT_FOUND */
  async open(name: string): Promise<{ stream: ReadStream; size: number; mimeType: string }> {
    const path = this.path(name);
    const info = await stat(path).catch(() => undefined);
    if (!info?.isFile()) throw notFound(name);
    const format = Object.values(FORMATS).find(({ extension }) => extname(name) === `.${extension}`);
    return {
      stream: createReadStream(path),
      size: info.size,
      mimeType: format?.mimeType ?? 'application/octet-stream',
    };
  }

  /** @throws VitrineError NOT_FOUND */
  async remove(name: string): Promise<void> {
    const path = this.path(name);
    await rm(path).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? notFound(name) : error;
    });
  }

  /** Deletes what is older than the time to live. */
  async sweep(now = Date.now()): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!SAFE_NAME.test(name.replace(/\.\d+\.part$/, ''))) continue;
      const path = join(this.folder, name);
      const info = await stat(path).catch(() => undefined);
      if (info && now - info.mtimeMs > this.ttlHours * 3_600_000) await rm(path, { force: true });
    }
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
