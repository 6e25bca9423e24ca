import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { glob } from 'tinyglobby';
import { mapLimit, packageRoot } from '../lib/contracts';
import { median } from './measure';
import { type Subject, nodeSubject, ourSubject, rembgSubject, report, takeTurns } from './subject';

const ROUNDS = Number(process.env.VITRINE_BENCH_ROUNDS ?? 8);
/** Small photos handed over at once, two of which are in flight; see `cutouts`. */
const MASKS = 8;
/** Large photos handed over at once, one after the other: packshots, scenes, hair and glass, mixed. */
const CUTOUTS = 3;
const SMALL_MEGAPIXELS = 0.3;
/** From one example to the next: their number, 15, has no factor in common with it. */
const STEP = 4;
/** Sizes of the cutouts, and how many bare runs one may take. */
const LARGE = [
  { megapixels: 2, goal: 3 },
  { megapixels: 12, goal: 900 / 117 },
];

/**
 * What an installation does with nothing downloaded, beside the bare run of the network that ships: masks of small
 * photos, and what `auto` takes for large ones from file to pixels, the PNG apart. Photos are those of `examples/`. With
 * VITRINE_BENCH_PYTHON, a python where `pip install rembg onnxruntime` was done, `rembg -m u2netp` takes its turns with
 * the masks; it finds or fetches the published u2netp.onnx by itself (`U2NET_HOME`).
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  try {
    const models = join(folder, 'models');
    mkdirSync(models);
    await masks(folder, models);
    await cutouts(folder, models);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function masks(folder: string, models: string): Promise<void> {
  const photos = await drawPhotos(folder, SMALL_MEGAPIXELS, 1 + MASKS * (ROUNDS + 1));
  const cwd = folderOf(folder, SMALL_MEGAPIXELS);
  const subjects: Record<string, Subject> = {
    floor: bareRun(cwd),
    ours: ourSubject([models, 'u2netp'], cwd),
  };
  const { VITRINE_BENCH_PYTHON: python } = process.env;
  if (python) subjects.rembg = rembgSubject(python, ['u2netp'], { cwd });
  else console.log('rembg skipped: VITRINE_BENCH_PYTHON is not set');
  console.log(`masks of ${SMALL_MEGAPIXELS} MP; wanted: ours 1.08 x floor and 1.12 x faster than rembg`);
  await turns(subjects, photos, MASKS);
  report(subjects);
}

async function cutouts(folder: string, models: string): Promise<void> {
  const count = 1 + CUTOUTS * (ROUNDS + 1);
  const floor = bareRun(folder);
  const subjects: Record<string, Subject> = { floor };
  let photos: string[] = [];
  for (const { megapixels } of LARGE) {
    // The same names in every size: each subject finds its own in the folder that it runs in.
    photos = await drawPhotos(folder, megapixels, count);
    const args = [models, 'auto', 'transparent', '1'];
    subjects[`${megapixels} MP`] = ourSubject(args, folderOf(folder, megapixels));
  }
  await turns(subjects, photos, CUTOUTS);
  console.log('cutouts by auto; the PNG is in none of the first three columns; memory wanted: 350 MB');
  console.log('        ms/photo  x floor  wanted   PNG ms   CPU ms x floor   first cutout   peak memory');
  const each = median(floor.batchMs.slice(1));
  const eachCpu = median(floor.batchCpuMs.slice(1));
  for (const { megapixels, goal } of LARGE) {
    const { batchMs, batchCpuMs, batchEncodeMs, firstMs, peakMb } = subjects[`${megapixels} MP`];
    const ms = median(batchMs.map((whole, i) => whole - batchEncodeMs[i]).slice(1));
    const cpuMs = median(batchCpuMs.slice(1));
    const columns = [
      `${megapixels} MP`.padEnd(7),
      ms.toFixed(0).padStart(8),
      (ms / each).toFixed(2).padStart(8),
      goal.toFixed(1).padStart(7),
      median(batchEncodeMs.slice(1)).toFixed(0).padStart(8),
      cpuMs.toFixed(0).padStart(8),
      (cpuMs / eachCpu).toFixed(2).padStart(7),
      `${(firstMs / 1000).toFixed(1)} s`.padStart(14),
      `${peakMb.toFixed(0)} MB`.padStart(13),
    ];
    console.log(columns.join(' '));
  }
}

async function turns(subjects: Record<string, Subject>, photos: string[], batch: number): Promise<void> {
  try {
    await takeTurns(subjects, photos, batch, ROUNDS);
  } finally {
    await Promise.all(Object.values(subjects).map((subject) => subject.end()));
  }
}

/** Nothing but the network that ships, on a tensor that is there already. */
function bareRun(cwd: string): Subject {
  return nodeSubject(['floor', join(packageRoot, 'models', 'u2netp', 'u2netp.onnx')], { cwd });
}

function folderOf(folder: string, megapixels: number): string {
  return join(folder, `${megapixels}`);
}

/**
 * Writes `count` photos of this size. They go round `examples/` in steps, which mixes their kinds, and are a little
 * brighter in each round, so that no mask is remembered.
 * @returns their names in `folderOf`
 */
async function drawPhotos(folder: string, megapixels: number, count: number): Promise<string[]> {
  const examples = (await glob('examples/*/*.jpg', { cwd: packageRoot, absolute: true })).sort();
  const place = folderOf(folder, megapixels);
  mkdirSync(place);
  return mapLimit(
    Array.from({ length: count }, (_, i) => i),
    2,
    undefined,
    async (i) => {
      const photo = sharp(examples[(i * STEP) % examples.length]);
      const { width, height } = await photo.metadata();
      const name = `${i}.jpg`;
      await photo
        .resize(Math.round(width * Math.sqrt((megapixels * 1e6) / (width * height))))
        .modulate({ brightness: 1 + Math.floor(i / examples.length) / 50 })
        .jpeg({ quality: 92 })
        .toFile(join(place, name));
      return name;
    },
  );
}
