import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../lib/contracts';
import { ALLOCATOR, HEAP } from '../lib/engine/workers/worker';
import { interleave, median } from './measure';

interface Place {
  cwd?: string;
  env?: Record<string, string>;
}

interface Report {
  ms: number;
  /** Of all its threads together. */
  cpuMs: number;
  /** The part of it that encoding took, where the subject tells. */
  encodeMs?: number;
  peakMb: number;
}

/** A process that makes masks: it reads lines `{"files": […]}` and answers each with a `Report` as JSON. */
export class Subject {
  firstMs = 0;
  readonly batchMs: number[] = [];
  readonly batchCpuMs: number[] = [];
  readonly batchEncodeMs: number[] = [];
  peakMb = 0;
  private child?: ChildProcess;
  private lines?: AsyncIterator<string>;

  constructor(
    private readonly program: string,
    private readonly args: string[],
    private readonly where: Place = {},
  ) {}

  /** Starts the process: milliseconds from there to its first mask, with no other at work. */
  async first(photo: string): Promise<void> {
    const started = performance.now();
    this.child = spawn(this.program, this.args, {
      cwd: this.where.cwd,
      env: { ...process.env, ...this.where.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    await this.ask([photo]);
    this.firstMs = performance.now() - started;
  }

  async batch(photos: string[]): Promise<void> {
    const { ms, cpuMs, encodeMs = 0 } = await this.ask(photos);
    this.batchMs.push(ms / photos.length);
    this.batchCpuMs.push(cpuMs / photos.length);
    this.batchEncodeMs.push(encodeMs / photos.length);
  }

  async end(): Promise<void> {
    if (!this.child || this.child.exitCode !== null) return;
    this.child.stdin!.end();
    await once(this.child, 'exit');
  }

  private async ask(files: string[]): Promise<Report> {
    this.child!.stdin!.write(`${JSON.stringify({ files })}\n`);
    const { value, done } = await this.lines!.next();
    if (done) throw new Error(`${this.program} ${this.args.join(' ')} ended`);
    const report = JSON.parse(value) as Report;
    this.peakMb = report.peakMb;
    return report;
  }
}

const CHILD = join(__dirname, 'cutouts-child.js');

/** @param args of cutouts-child.ts: the subject's name and what it needs */
export function nodeSubject(args: string[], where?: Place): Subject {
  return new Subject(process.execPath, [CHILD, ...args], where);
}

/**
 * The pipeline in a process with the settings of an engine's worker.
 * @param args of `ours` in cutouts-child.ts
 */
export function ourSubject(args: string[], cwd?: string): Subject {
  return new Subject(process.execPath, [...HEAP, CHILD, 'ours', ...args], { cwd, env: ALLOCATOR });
}

/** @param args of rembg_child.py: the kind of session and what it needs */
export function rembgSubject(python: string, args: string[], where?: Place): Subject {
  return new Subject(python, [join(packageRoot, 'bench', 'rembg_child.py'), ...args], where);
}

/**
 * Starts each subject with one photo, then hands all of them the same batches, in turn.
 * @param photos read in a circle; the first is the one that the subjects start with
 * @param rounds counted rounds; one uncounted round comes first
 */
export async function takeTurns(
  subjects: Record<string, Subject>,
  photos: string[],
  batch: number,
  rounds: number,
): Promise<void> {
  for (const subject of Object.values(subjects)) await subject.first(photos[0]);
  let turn = 0;
  const names = Object.keys(subjects);
  const batches = Object.fromEntries(
    names.map((name) => [
      name,
      () => {
        const at = 1 + Math.floor(turn++ / names.length) * batch;
        return subjects[name].batch(
          Array.from({ length: batch }, (_, i) => photos[(at + i) % photos.length]),
        );
      },
    ]),
  );
  await interleave(batches, rounds);
}

/** Prints a table of medians without each subject's first batch; `floor` and `ours` must be among them. */
export function report(subjects: Record<string, Subject>): void {
  const floor = median(subjects.floor.batchMs.slice(1));
  const ours = median(subjects.ours.batchMs.slice(1));
  console.log('          ms/photo  x floor  ours faster by   CPU ms   first mask   peak memory');
  for (const [name, { batchMs, batchCpuMs, firstMs, peakMb }] of Object.entries(subjects)) {
    const each = median(batchMs.slice(1));
    const columns = [
      name.padEnd(8),
      each.toFixed(0).padStart(9),
      (each / floor).toFixed(2).padStart(8),
      `${(each / ours).toFixed(2)} x`.padStart(15),
      median(batchCpuMs.slice(1)).toFixed(0).padStart(8),
      `${(firstMs / 1000).toFixed(1)} s`.padStart(12),
      `${peakMb.toFixed(0)} MB`.padStart(13),
    ];
    console.log(columns.join(' '));
  }
}
