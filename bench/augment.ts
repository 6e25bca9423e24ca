import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type PictureFiles,
  type PictureName,
  type PictureOrder,
  type Source,
  loadConfig,
  packageRoot,
} from '../lib/contracts';
import { WorkerPool } from '../lib/engine';
import { median } from './measure';
import { exampleSources, hashOf } from './training';

const SIDE = 512;
/** Pictures of a run, as many as a task is given, and runs that the median is taken of. */
const [PICTURES, BATCH, ROUNDS] = [420, 20, 3];
const BACKGROUNDS = 10;
/** Times the library's pictures a second that are promised. */
const TARGETS: Record<string, number> = { light: 1, heavy: 1.3, real: 1 };

const testData = () => process.env.VITRINE_TEST_DATA ?? join(packageRoot, '..', 'shared', 'data');

interface Work {
  files: PictureFiles;
  sources: Source[];
  backgrounds: PictureName[];
}

/**
 * Training pictures from files to files, on all cores: decoded, composed (light and heavy), varied, encoded as JPEG 4:4:4
 * of one size; ours with labels and figures, too. Beside Albumentations 2.0.8 and OpenCV where VITRINE_BENCH_PYTHON has
 * them, in turn, so that both meet the same machine.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-augment-'));
  const config = loadConfig({ ...process.env, VITRINE_OFFLINE: 'true' });
  const pool = new WorkerPool(config);
  const work = await prepare(folder);
  const library = startLibrary(folder, work);
  try {
    for (const pipeline of ['light', 'heavy', 'real']) {
      const runs = { ours: [] as number[], theirs: [] as number[], kept: [] as number[] };
      // The first run starts processes and is not counted.
      for (let round = 0; round <= ROUNDS; round++) {
        const rates = {
          ours: await ours(pool, work, { pipeline, seed: round, folder }),
          theirs: await library?.(pipeline, false),
          kept: await library?.(pipeline, true),
        };
        if (round === 0) continue;
        for (const [name, rate] of Object.entries(rates))
          if (rate) runs[name as keyof typeof runs].push(rate);
      }
      report(pipeline, runs);
    }
  } finally {
    library?.end();
    await pool.close();
    rmSync(folder, { recursive: true });
  }
}

function report(pipeline: string, runs: Record<'ours' | 'theirs' | 'kept', number[]>): void {
  const ours = median(runs.ours);
  const beside = (rates: number[], how: string) =>
    rates.length
      ? `, Albumentations ${how} ${median(rates).toFixed(1)}: ${(ours / median(rates)).toFixed(2)}x`
      : '';
  console.log(
    `${pipeline}: ${ours.toFixed(1)} pictures/s on ${availableParallelism()} cores${beside(runs.theirs, 'reading each time')}` +
      `${beside(runs.kept, 'keeping what it read')} (at least ${TARGETS[pipeline]}x); load ${loadavg()[0].toFixed(1)}`,
  );
}

async function ours(
  pool: WorkerPool,
  { files, sources, backgrounds }: Work,
  { pipeline, seed, folder }: { pipeline: string; seed: number; folder: string },
): Promise<number> {
  const to = join(folder, 'ours');
  mkdirSync(to, { recursive: true });
  const target = pipeline === 'real' ? 'real' : 'syn';
  const each = PICTURES / sources.length;
  const orders = Array.from({ length: PICTURES }, (_, index): PictureOrder => {
    const source = sources[Math.floor(index / each)];
    const { upc } = source;
    const quality = { format: 'jpeg', quality: 90, size: SIDE } as const;
    return {
      to: join(to, `${index}.jpg`),
      request: {
        ...{ file: `${index}.jpg`, seed, upc, target, index, pipeline, source, ...quality },
        ...{ distractors: true, occluders: true },
      },
    };
  });
  const begin = performance.now();
  const batches = Array.from({ length: Math.ceil(PICTURES / BATCH) }, (_, at) =>
    orders.slice(at * BATCH, (at + 1) * BATCH),
  );
  const made = await Promise.all(
    batches.map((pictures) =>
      pool.run('augment', { files, backgrounds, distractors: sources, pictures }, { folder }),
    ),
  );
  for (const result of made.flat()) if ('error' in result) throw new Error(result.error.message);
  return PICTURES / ((performance.now() - begin) / 1000);
}

/** Asks the library for a run; undefined where it is not here. */
function startLibrary(folder: string, { files, sources, backgrounds }: Work) {
  const python = process.env.VITRINE_BENCH_PYTHON;
  if (!python) return undefined;
  const work = join(folder, 'work.json');
  const named = sources.map(({ sha256 }) => ({
    original: files.originals[sha256],
    cutout: files.cutouts[sha256],
  }));
  writeFileSync(
    work,
    JSON.stringify({
      sources: named,
      backgrounds: backgrounds.map(({ sha256 }) => files.backgrounds[sha256]),
    }),
  );
  const args = [join(packageRoot, 'bench/augment.py'), join(packageRoot, 'models/augmentations.yaml'), work];
  const child: ChildProcess = spawn(python, [...args, String(availableParallelism())], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const ask = async (pipeline: string, keep: boolean): Promise<number> => {
    const asked = { pipeline, keep, count: PICTURES, side: SIDE, folder: join(folder, 'theirs') };
    child.stdin!.write(`${JSON.stringify(asked)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('bench/augment.py ended before its work was done');
    return (JSON.parse(value) as { rate: number }).rate;
  };
  return Object.assign(ask, { end: () => child.stdin!.end() });
}

/** Products of examples/ with their own mattes, and backgrounds of VITRINE_TEST_DATA, or else scenes of examples/. */
async function prepare(folder: string): Promise<Work> {
  const { files, sources } = await exampleSources(folder);
  const photos = join(testData(), 'backgrounds/interior');
  const [root, kind] = existsSync(photos)
    ? [photos, /\.(jpe?g|png)$/i]
    : [join(packageRoot, 'examples/scenes'), /\.jpg$/];
  const backgrounds = readdirSync(root)
    .filter((name) => kind.test(name))
    .sort()
    .slice(0, BACKGROUNDS)
    .map((name): PictureName => {
      const sha256 = hashOf(join(root, name));
      files.backgrounds[sha256] = join(root, name);
      return { name, sha256 };
    });
  return { files, sources, backgrounds };
}
