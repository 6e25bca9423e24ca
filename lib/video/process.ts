import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { throwIfAborted } from '../contracts';
import { stalled } from './problems';
import type { Source } from './types';

/** How a child process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A child process that decodes: its output is read in pieces, and it does not outlive its reader. */
export class DecoderProcess {
  private readonly output: Readable;
  private readonly exit: Promise<Exit>;
  /** Lets who waits for output look again. */
  private wake: () => void = () => undefined;
  private readonly stop = () => this.child.kill('SIGKILL');

  constructor(
    readonly child: ChildProcess,
    private readonly source: Source,
  ) {
    this.output = child.stdout!;
    // For good: one that comes anew is told at once of what there is, however little.
    for (const event of ['readable', 'end', 'close']) this.output.on(event, () => this.wake());
    this.exit = new Promise((resolve, reject) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
      child.once('error', reject);
    });
    // Whoever reads or ends it is told.
    this.exit.catch(() => undefined);
    source.signal.addEventListener('abort', this.stop);
    if (source.signal.aborted) this.stop();
  }

  /**
   * The next bytes of its output.
   * @returns undefined where fewer came before it ended
   * @throws VitrineError INVALID_VIDEO when nothing comes for too long; CANCELLED
   */
  async read(length: number): Promise<Buffer | undefined> {
    const bytes = await this.watched(() => this.next(length));
    return bytes?.length === length ? bytes : undefined;
  }

  /**
   * The rest of its output.
   * @throws VitrineError as `read` does
   */
  async readText(): Promise<string> {
    const pieces: Buffer[] = [];
    for (;;) {
      const piece = await this.watched(() => this.next());
      if (piece === undefined) return Buffer.concat(pieces).toString();
      pieces.push(piece);
    }
  }

  /** So many bytes, or the few that are left; without a number, what is there. */
  private async next(length?: number): Promise<Buffer | undefined> {
    for (;;) {
      const bytes = this.output.read(length) as Buffer | null;
      if (bytes !== null) return bytes;
      if (this.output.readableEnded || this.output.destroyed) return undefined;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /**
   * Waits for what the child does, and ends it where that takes too long.
   * @throws VitrineError INVALID_VIDEO then; CANCELLED
   */
  async watched<T>(work: () => Promise<T>): Promise<T> {
    const { signal, stallSeconds } = this.source;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.stop();
        reject(stalled(stallSeconds));
      }, stallSeconds * 1000);
    });
    try {
      return await Promise.race([work(), late]);
    } finally {
      clearTimeout(timer);
      throwIfAborted(signal);
    }
  }

  /** Waits for its end, which it comes to by itself. */
  async finished(): Promise<Exit> {
    return this.watched(() => this.exit);
  }

  /** Ends it now, if it has not ended, and waits until it is gone. */
  async end(): Promise<void> {
    this.source.signal.removeEventListener('abort', this.stop);
    this.stop();
    this.output.destroy();
    // One that could not be started is gone, too.
    await this.exit.catch(() => undefined);
  }
}
