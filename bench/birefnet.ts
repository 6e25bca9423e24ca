import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { glob } from 'tinyglobby';
import { loadConfig, packageRoot, parse, removeParams } from '../lib/contracts';
import { Resources } from '../lib/pipelines';
import { removeBackground } from '../lib/pipelines/remove';
import { Subject, nodeSubject, ourSubject, report, takeTurns } from './subject';

/** Photos handed over at once: two, since the pipeline keeps two in flight. */
const BATCH = 2;
const MODEL = 'bench-birefnet';

/**
 * BiRefNet as it really is but for its weights, which are random: time and memory need no others. In one run with the
 * subjects taking turns, each in its own process; before that, our mask is compared with PyTorch's.
 *
 *   VITRINE_BENCH_BIREFNET  the graph that birefnet.py exported, with its `.photo.png` and `.alpha.png` beside it
 *   VITRINE_BENCH_PYTHON    a python with onnxruntime, for the bare run there
 *   VITRINE_BENCH_CHECKOUT  the checkout that birefnet.py took, for PyTorch; the python needs what birefnet.py needs
 *   VITRINE_BENCH_BACKBONE  default swin_v1_t, which is BiRefNet lite
 */
export async function run(): Promise<void> {
  const graph = process.env.VITRINE_BENCH_BIREFNET ?? '';
  if (!existsSync(graph)) {
    console.log('skipped: VITRINE_BENCH_BIREFNET is not there');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const subjects: Record<string, Subject> = {};
  try {
    symlinkSync(graph, join(folder, 'birefnet.onnx'));
    writeFileSync(join(folder, 'registry.local.json'), JSON.stringify({ models: [entry()] }));
    console.log(
      `our mask differs from PyTorch's by ${(await difference(folder, graph)).toFixed(5)} of 0..1 on average`,
    );

    subjects.floor = nodeSubject(['floor', graph]);
    subjects.ours = ourSubject([folder, MODEL]);
    const { VITRINE_BENCH_PYTHON: python, VITRINE_BENCH_CHECKOUT: checkout } = process.env;
    const { VITRINE_BENCH_BACKBONE: backbone = 'swin_v1_t' } = process.env;
    const child = join(packageRoot, 'bench', 'birefnet_child.py');
    if (python) subjects.python = new Subject(python, [child, 'onnxruntime', graph]);
    if (python && checkout) subjects.torch = new Subject(python, [child, 'torch', graph, checkout, backbone]);

    const photos = (await glob('examples/*/*.jpg', { cwd: packageRoot, absolute: true })).sort();
    // Every photo once: a second time, its mask would come from memory.
    const most = Math.floor((photos.length - 1) / BATCH) - 1;
    const rounds = Math.min(most, Number(process.env.VITRINE_BENCH_ROUNDS ?? most));
    await takeTurns(subjects, photos, BATCH, rounds);
    report(subjects);
  } finally {
    await Promise.all(Object.values(subjects).map((subject) => subject.end()));
    rmSync(folder, { recursive: true });
  }
}

/** The entry of BiRefNet lite with another file. */
function entry(): object {
  const { models } = JSON.parse(readFileSync(join(packageRoot, 'models', 'registry.json'), 'utf8')) as {
    models: { id: string }[];
  };
  const original = models.find(({ id }) => id === 'birefnet-lite');
  return {
    ...original,
    id: MODEL,
    files: [{ sources: ['file:birefnet.onnx'] }],
    rank: undefined,
    variants: [],
  };
}

/** Mean difference of our mask of the photo that was exported along from PyTorch's, in 0..1. */
async function difference(modelsDir: string, graph: string): Promise<number> {
  const beside = (end: string) => graph.replace(/\.onnx$/, end);
  const resources = new Resources({ ...loadConfig(), modelsDir, device: 'cpu' });
  const params = parse(removeParams, { mode: 'mask', model: MODEL, device: 'cpu', clean_mask: false });
  const { signal } = new AbortController();
  const context = { signal, progress: () => undefined, tempDir: modelsDir };
  const { artifacts } = await removeBackground(resources, beside('.photo.png'), params, context);
  await resources.dispose();
  const [ours, torch] = await Promise.all(
    [artifacts.output, beside('.alpha.png')].map((file) => sharp(file).extractChannel(0).raw().toBuffer()),
  );
  const sum = ours.reduce((total, value, i) => total + Math.abs(value - torch[i]), 0);
  return sum / 255 / ours.length;
}
