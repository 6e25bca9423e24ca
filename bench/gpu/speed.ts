import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mapLimit } from '../../lib/contracts';
import { SessionPool, toHalf, type Session, type Tensor } from '../../lib/runtime';
import { EngineProcess } from '../engine';
import { median } from '../measure';
import { memoryUsed } from './card';
import { fileOf, idOf, NETWORKS, script } from './networks';
import type { Section } from './settings';

export const SPEED = 'Speed';
const CALLERS = 8;

/** The network's own runs on a tensor that is there, in a session of ours. */
export const bare: Section = async (settings, tell, name) => {
  const { device, rounds } = settings;
  const opening = performance.now();
  const modelFile = fileOf(settings, name);
  const pool = new SessionPool({});
  const opened = await pool.get({
    graphs: async () => ({ graph: { modelFile } }),
    key: modelFile,
    device,
    strictDevice: true,
  });
  const { graph } = opened.sessions;
  const loaded = performance.now();
  const feeds = Object.fromEntries(graph.inputs.map((input) => [input.name, filled(input)]));
  const run = () => graph.run(feeds, [graph.outputNames[0]]);
  await run();
  const first = performance.now();
  const times: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const start = performance.now();
    await run();
    if (round >= 0) times.push(performance.now() - start);
  }
  tell(SPEED, name, {
    device: graph.device,
    'bare ms': median(times).toFixed(1),
    'load s': ((loaded - opening) / 1000).toFixed(1),
    'first run s': ((first - loaded) / 1000).toFixed(1),
  });
  await pool.dispose();
};

/** Whole photos by HTTP: the first after a cold start, one caller, and several at once. */
export const engine: Section = async (settings, tell, name) => {
  const { device, folder, photos, rounds } = settings;
  const before = await memoryUsed();
  const engine = await EngineProcess.start(folder, { DEVICE: device });
  const queue = [...photos];
  const cut = async () => {
    const fields = { mode: 'mask', model: idOf(name), strict_device: 'true', device };
    const start = performance.now();
    const result = await engine.remove(queue.shift()!, fields);
    return { ms: performance.now() - start, ...result };
  };
  try {
    const { metrics } = await cut();
    tell(SPEED, name, {
      'first result s': ((performance.now() - engine.began) / 1000).toFixed(1),
      ...(metrics.device_memory_mb && { 'worker MB': metrics.device_memory_mb }),
    });
    await cut();
    const alone = [];
    for (let round = 0; round < rounds; round++) alone.push(await cut());
    const middle = median(alone.map(({ ms }) => ms));
    tell(SPEED, name, {
      'whole ms': middle.toFixed(1),
      'of which network ms': median(alone.map((each) => each.metrics.infer_ms)).toFixed(1),
      'photos/s, 1 caller': (1000 / middle).toFixed(2),
    });
    const start = performance.now();
    const results = await many(4 * rounds, cut);
    tell(SPEED, name, {
      [`photos/s, ${CALLERS} callers`]: ((1000 * results.length) / (performance.now() - start)).toFixed(2),
      ...(before !== undefined && { 'card MB': (await memoryUsed())! - before }),
      ...warned(results.flatMap(({ warnings }) => warnings)),
    });
  } finally {
    await engine.end();
  }
};

/** PyTorch on the same device with the same architectures and sizes, into the rows of our networks. */
export const pytorch: Section = async (settings, tell, ...names) => {
  const { python, checkouts, size, rounds, photos } = settings;
  const networks = [...new Set(names.map((name) => NETWORKS[name].like))];
  const args = [script('pytorch.py'), checkouts!, String(size), String(rounds), ...networks];
  const child = spawn(python, [...args, '--', ...photos], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { network, precision, bareMs, wholeMs, peakMb } = JSON.parse(line);
    const rows = Object.keys(NETWORKS).filter(
      (name) => names.includes(name) && NETWORKS[name].like === network,
    );
    for (const name of rows)
      tell(SPEED, name, {
        'PyTorch bare ms': bareMs,
        'PyTorch whole ms': wholeMs,
        'PyTorch in': precision,
        ...(peakMb && { 'PyTorch peak MB': peakMb }),
      });
  }
  if (child.exitCode) throw new Error(`pytorch.py ended with ${child.exitCode}`);
};

function many<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  return mapLimit(Array.from({ length: count }), CALLERS, undefined, work);
}

function warned(warnings: string[]): { warnings?: string } {
  return warnings.length ? { warnings: `${warnings.length}: ${warnings[0]}` } : {};
}

/** Values in -1..1 for an input of one picture. */
function filled({ type, shape }: Session['inputs'][number]): Tensor {
  const dims = shape.map((side, i) => (i === 0 ? 1 : Number(side)));
  const length = dims.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({ length }, (_, i) => Math.sin(i));
  return { type, data: type === 'float16' ? toHalf(values) : values, dims };
}
