import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { packageRoot } from '../lib/contracts';
import { ISNET, copyOf, isnetFile, modelsFolder } from './isnet';
import { median } from './measure';
import { type Subject, nodeSubject, ourSubject, takeTurns } from './subject';

const ROUNDS = Number(process.env.VITRINE_BENCH_ROUNDS ?? 7);
const WIDTH = 4000;
/** The product fills so little of the photo that the network looks twice. */
const RUNS = 2;

/**
 * A cutout of the README's mug at 12.8 megapixels by ISNet, with the API's defaults (second pass, mask cleaning,
 * contrast, clean edge colours), in a process like the engine's worker: what is spent around the network's own runs. A
 * process that runs the bare network takes turns with it. Needs VITRINE_TEST_ISNET.
 */
export async function run(): Promise<void> {
  const model = isnetFile();
  if (!model) return;
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const floor = nodeSubject(['floor', copyOf(model, folder), 'output']);
  const models = modelsFolder(model, folder);
  const subjects = {
    floor,
    defaults: ourSubject([models, ISNET, 'transparent']),
  };
  try {
    await takeTurns(subjects, await photos(folder), 1, ROUNDS);
    report(subjects.defaults, floor);
  } finally {
    await Promise.all(Object.values(subjects).map((subject) => subject.end()));
    rmSync(folder, { recursive: true });
  }
}

/** One for each time that a subject is asked, each a little brighter, so that no mask is remembered. */
function photos(folder: string): Promise<string[]> {
  return Promise.all(
    Array.from({ length: ROUNDS + 2 }, async (_, i) => {
      const file = join(folder, `${i}.jpg`);
      await sharp(join(packageRoot, 'examples/packshots/mug.jpg'))
        .resize(WIDTH)
        .modulate({ brightness: 1 + i / 50 })
        .jpeg({ quality: 92 })
        .toFile(file);
      return file;
    }),
  );
}

/** Medians over the counted rounds; what is around is taken round by round. */
function report({ batchMs, batchCpuMs, batchEncodeMs, peakMb }: Subject, floor: Subject): void {
  const around = batchMs.map((ms, i) => ms - RUNS * floor.batchMs[i] - batchEncodeMs[i]);
  const aroundCpu = batchCpuMs.map((ms, i) => ms - RUNS * floor.batchCpuMs[i]);
  const middle = (values: number[]) => `${Math.round(median(values.slice(1)))} ms`;
  console.log(`a cutout              ${middle(batchMs)}`);
  console.log(`  the network         ${RUNS} x ${middle(floor.batchMs)}`);
  console.log(`  encoding the PNG    ${middle(batchEncodeMs)}`);
  console.log(`  all around          ${middle(around)}`);
  console.log(`processor time beside the network's, PNG included: ${middle(aroundCpu)}`);
  console.log(
    `peak memory           ${Math.round(peakMb)} MB (the bare network: ${Math.round(floor.peakMb)} MB)`,
  );
}
