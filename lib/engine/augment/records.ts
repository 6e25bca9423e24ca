import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { TARGETS, type PictureDone, type Target } from '../../contracts';
import { byName } from './names';

/** Bytes that are read at a time. */
const CHUNK = 1 << 20;
const NEWLINE = 0x0a;

/** What is kept in memory of a record. */
export interface Known {
  upc: string;
  target: Target;
  index: number;
  seed: number;
  pipeline: string;
  digest: string;
  /** SHA-256 of what it was made of. */
  source: string;
  /** Where its line lies in the file, and how long it is without its end. */
  at: number;
  length: number;
}

/**
 * The records of a data set's pictures, a line of JSON each. A line is written before its picture takes its place, so
 * that there is no picture without one; lines without a picture do no harm, and are swept out.
 */
export class Records {
  private constructor(
    private readonly path: string,
    private handle: FileHandle,
    private size: number,
    /** By the names of their pictures; of two the last. */
    private readonly known: Map<string, Known>,
    /** Whether the file is anything but one line for each of `known`. */
    private untidy: boolean,
  ) {}

  /** Opens the file, or begins one; a line that was not written to its end counts as not there. */
  static async open(path: string): Promise<Records> {
    const handle = await open(path, 'a+');
    const records = new Records(path, handle, 0, new Map(), false);
    try {
      await records.readAll();
    } catch (error) {
      await handle.close();
      throw error;
    }
    return records;
  }

  get(file: string): Known | undefined {
    return this.known.get(file);
  }

  /** Names of all pictures that there is a record of. */
  get files(): string[] {
    return [...this.known.keys()];
  }

  /** Adds what is about to be put into its place. */
  async append(made: readonly PictureDone[]): Promise<void> {
    const lines = made.map((each) => Buffer.from(JSON.stringify(each)));
    const text = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
    await this.handle.appendFile(text);
    made.forEach((each, index) => {
      this.learn(each, this.size, lines[index].length);
      this.size += lines[index].length + 1;
    });
  }

  /** Takes back what did not get into its place after all. */
  forget(file: string): void {
    this.known.delete(file);
    this.untidy = true;
  }

  async read(file: string): Promise<PictureDone | undefined> {
    const known = this.known.get(file);
    if (!known) return undefined;
    const line = Buffer.alloc(known.length);
    await this.handle.read(line, 0, known.length, known.at);
    return JSON.parse(line.toString('utf8')) as PictureDone;
  }

  /** All records in the order of classes, targets and indexes. */
  async *all(): AsyncGenerator<PictureDone> {
    for (const file of this.inOrder()) yield (await this.read(file))!;
  }

  /**
   * Takes out lines of pictures that are not there, and puts the others in order: the file depends on the pictures only,
   * not on how often runs were broken off.
   * @param there names of the pictures of the data set
   */
  async tidy(there: ReadonlySet<string>): Promise<void> {
    for (const file of this.known.keys()) {
      if (there.has(file)) continue;
      this.known.delete(file);
      this.untidy = true;
    }
    const order = this.inOrder();
    let next = 0;
    const isInOrder = order.every((file) => {
      const { at, length } = this.known.get(file)!;
      const fits = at === next;
      next = at + length + 1;
      return fits;
    });
    if (isInOrder && !this.untidy && next === this.size) return;
    await this.rewrite(order);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async rewrite(order: readonly string[]): Promise<void> {
    const part = `${this.path}.part`;
    const target = await open(part, 'w');
    try {
      let size = 0;
      let waiting: Buffer[] = [];
      let bytes = 0;
      const places = new Map<string, number>();
      for (const file of order) {
        const { at, length } = this.known.get(file)!;
        const line = Buffer.alloc(length + 1, NEWLINE);
        await this.handle.read(line, 0, length, at);
        places.set(file, size);
        size += line.length;
        waiting.push(line);
        bytes += line.length;
        if (bytes < CHUNK) continue;
        await target.writeFile(Buffer.concat(waiting));
        [waiting, bytes] = [[], 0];
      }
      await target.writeFile(Buffer.concat(waiting));
      await target.sync();
      await target.close();
      await rename(part, this.path);
      const before = this.handle;
      this.handle = await open(this.path, 'a+');
      await before.close();
      for (const [file, at] of places) this.known.get(file)!.at = at;
      this.size = size;
      this.untidy = false;
    } catch (error) {
      await target.close().catch(() => undefined);
      await rm(part, { force: true });
      throw error;
    }
  }

  private inOrder(): string[] {
    const rank = ({ target }: Known) => TARGETS.indexOf(target);
    return [...this.known.keys()].sort((one, other) => {
      const [a, b] = [this.known.get(one)!, this.known.get(other)!];
      return byName(a.upc, b.upc) || rank(a) - rank(b) || a.index - b.index || byName(one, other);
    });
  }

  private async readAll(): Promise<void> {
    const buffer = Buffer.alloc(CHUNK);
    let rest = Buffer.alloc(0);
    for (;;) {
      const { bytesRead } = await this.handle.read(buffer, 0, CHUNK, this.size + rest.length);
      if (!bytesRead) break;
      let text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE)) {
        this.take(text.subarray(0, end));
        this.size += end + 1;
        text = text.subarray(end + 1);
      }
      rest = Buffer.from(text);
    }
    if (!rest.length) return;
    // A run was killed while it wrote: the next line must not go on where this one ends.
    await this.handle.truncate(this.size);
    this.untidy = true;
  }

  private take(line: Buffer): void {
    const done = parsed(line);
    if (done) this.learn(done, this.size, line.length);
    else this.untidy = true;
  }

  private learn({ record }: PictureDone, at: number, length: number): void {
    const { file, upc, target, index, seed, source, augmentation } = record;
    if (this.known.has(file)) this.untidy = true;
    const { pipeline, digest } = augmentation;
    this.known.set(file, { upc, target, index, seed, pipeline, digest, source: source.sha256, at, length });
  }
}

/** What a line says, as far as it is needed here; undefined for one that says something else. */
function parsed(line: Buffer): PictureDone | undefined {
  try {
    const done = JSON.parse(line.toString('utf8')) as PictureDone;
    const { file, target, source, augmentation } = done.record;
    return typeof file === 'string' && TARGETS.includes(target) && source.sha256 && augmentation.digest
      ? done
      : undefined;
  } catch {
    return undefined;
  }
}
