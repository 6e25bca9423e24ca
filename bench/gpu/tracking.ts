import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { RgbImage } from '../../lib/contracts';
import { Networks } from '../../lib/models';
import { type ClipFrames, trackObjects } from '../../lib/tracking';
import { memoryUsed } from './card';
import { script } from './networks';
import type { Section } from './settings';

const SIDE = 1024;
/** Frames that are not counted, and those that are for each round: a CPU takes seconds for one. */
const FRAMES = { cuda: { before: 10, round: 4 }, cpu: { before: 2, round: 1 } };
const ID = 'bench-sam2';
const ROLES = ['vision_encoder', 'mask_decoder', 'memory_attention', 'memory_encoder', 'pointer_tpos'];
const TABLE = 'Tracking by SAM 2.1 Tiny (random weights)';

/** Frames a second of the loop of lib/tracking, and of transformers' own on the same device with the same weights. */
export const tracking: Section = async ({ device, graphs, folder, python, rounds }, tell) => {
  const { before: warmUp, round } = FRAMES[device];
  const frames = warmUp + round * rounds;
  const graphsOfIt = join(graphs, 'sam2');
  if (!existsSync(join(graphsOfIt, 'constants.json')))
    await promisify(execFile)(python, ['-W', 'ignore', script('sam2.py'), 'graphs', graphsOfIt]);
  const before = await memoryUsed();
  const networks = new Networks({ modelsDir: describe(folder, graphsOfIt) });
  const { signal } = new AbortController();
  const request = { id: ID, task: 'tracking', device, strictDevice: true, signal } as const;
  const { network } = await networks.open(request);
  let [start, seen, lost] = [0, 0, 0];
  const prompt = { frame: 0, points: [{ x: 200, y: 512, label: 1 as const }] };
  for await (const { objects } of trackObjects(network, clip(frames), [prompt], { signal })) {
    if (++seen === warmUp) start = performance.now();
    if (objects[0].lost) lost++;
  }
  tell(TABLE, 'ours, float32', {
    'frames/s': ((1000 * (frames - warmUp)) / (performance.now() - start)).toFixed(2),
    'refused frames': lost,
    ...(before !== undefined && { 'card MB': (await memoryUsed())! - before }),
  });
  await networks.dispose();
  const args = ['-W', 'ignore', script('sam2.py'), 'loop', String(frames), device];
  const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { precision, framesPerSecond, peakMb } = JSON.parse(line) as Record<string, number>;
    tell(TABLE, `PyTorch, ${precision}`, { 'frames/s': framesPerSecond.toFixed(2), 'card MB': peakMb });
  }
  if (child.exitCode) throw new Error(`sam2.py ended with ${child.exitCode}`);
};

/** An entry for the graphs in a models folder of their own. */
function describe(folder: string, graphs: string): string {
  const modelsDir = join(folder, 'tracking');
  mkdirSync(modelsDir, { recursive: true });
  const entry = {
    ...{
      id: ID,
      name: ID,
      description: 'Random weights.',
      license: 'Apache-2.0',
      family: 'sam2',
      bank: 'fixed',
    },
    devices: ['cuda', 'cpu'],
    files: [...ROLES, 'constants'].map((role) => ({
      role,
      sources: [`file:${join(graphs, `${role}.${role === 'constants' ? 'json' : 'onnx'}`)}`],
    })),
    input: { size: SIDE, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  };
  writeFileSync(join(modelsDir, 'registry.local.json'), JSON.stringify({ models: [entry] }));
  return modelsDir;
}

/** A disc that goes from left to right; sam2.py makes the same. */
function clip(count: number): ClipFrames {
  return { count, read: async (index) => discAt(200 + 8 * index) };
}

function discAt(centre: number): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0, at = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, at += 3) {
      const isDisc = (x - centre) ** 2 + (y - 512) ** 2 < 150 ** 2;
      data[at] = isDisc ? 230 : 40 + (x >> 3);
      data[at + 1] = isDisc ? 60 : 60 + (y >> 3);
      data[at + 2] = isDisc ? 40 : 90;
    }
  }
  return { data, width: SIDE, height: SIDE };
}
