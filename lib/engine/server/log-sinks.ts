import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RotatingFileStream, createStream } from 'rotating-file-stream';

/** Milliseconds between looks whether the file is still there, and between tries to open it again. */
const CHECK_MS = 10_000;

/** A place that lines of the log go to. What cannot be written is lost, and nobody who logs notices. */
abstract class LogSink {
  /** Why lines are being lost, fit for strangers; nothing while all is well. */
  problem?: string;

  /** @param onProblem told once for each time that it breaks */
  constructor(
    private readonly name: string,
    private readonly onProblem: (problem: string) => void,
  ) {}

  abstract write(line: string): void;

  /** What became of a line. */
  protected readonly written = (error?: Error | null): void => {
    if (!error) {
      this.problem = undefined;
      return;
    }
    const { code = 'it is no file' } = error as NodeJS.ErrnoException;
    const before = this.problem;
    this.problem = `${this.name} cannot be written (${code}): what is logged there is lost`;
    if (before === undefined) this.onProblem(this.problem);
  };
}

/** Standard output. Whoever read it may go: the engine and its files go on. */
export class LogConsole extends LogSink {
  constructor(onProblem: (problem: string) => void) {
    super('standard output', onProblem);
  }

  write(line: string): void {
    process.stdout.write(line, this.written);
  }
}

/**
 * A log file that rotates at 10 MB, with five old ones. It outlives a full disk, lost rights and a folder that was
 * taken away: lines are dropped until the file can be written again.
 */
export class LogFile extends LogSink {
  private readonly file: string;
  private stream?: RotatingFileStream;
  private nextCheck: number;

  constructor(
    private readonly folder: string,
    private readonly fileName: string,
    onProblem: (problem: string) => void,
    private readonly now: () => number = Date.now,
  ) {
    super(fileName, onProblem);
    this.file = join(folder, fileName);
    this.nextCheck = now() + CHECK_MS;
    this.open();
  }

  write(line: string): void {
    if (this.now() >= this.nextCheck) {
      this.nextCheck = this.now() + CHECK_MS;
      if (!this.stream || !existsSync(this.file)) this.reopen();
    }
    this.stream?.write(line, this.written);
  }

  /** Waits until what was written is in the file. */
  async close(): Promise<void> {
    const { stream } = this;
    this.stream = undefined;
    await new Promise<void>((done) => (stream ? stream.once('close', done).end() : done()));
  }

  private reopen(): void {
    this.stream?.destroy();
    this.stream = undefined;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      this.open();
    } catch (error) {
      this.written(error as Error);
    }
  }

  private open(): void {
    const { folder: path, fileName } = this;
    const stream = createStream(fileName, { path, size: '10M', maxFiles: 5, mode: 0o600 });
    this.stream = stream;
    stream.on('error', (error) => {
      if (this.stream !== stream) return;
      this.stream = undefined;
      this.written(error);
    });
  }
}
