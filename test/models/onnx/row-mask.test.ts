import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { derive, withRowMask } from '../../../lib/models/onnx';
import { addRowMask } from '../../../lib/models/onnx/row-mask';
import type { Tensor } from '../../../lib/runtime';
import { distance } from '../../diffusion/support';
import { openGraph } from '../../runtime/support';
import { fixtures, graph, modelsFolder, removeFolders } from '../support';

afterAll(removeFolders);

const names = { keys: 'memory_pos', queries: 'current_vision_features', mask: 'memory_mask' };
/** Of test/reference/sam2.py: cells, channels, rows of a memory and their channels. */
const [CELLS, CHANNELS, ROWS, WIDTH] = [64, 128, 7 * 64 + 32, 64];

function copy(): string {
  const folder = modelsFolder();
  cpSync(join(fixtures, 'tiny-sam2'), folder, { recursive: true });
  return join(folder, 'memory_attention.onnx');
}

const wave = (rows: number, width: number, phase: number): Tensor => ({
  type: 'float32',
  data: Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i * 0.7 + phase)),
  dims: [rows, 1, width],
});

/** @param end rows from here on hold other numbers */
function feeds(end = ROWS): Record<string, Tensor> {
  const memory = wave(ROWS, WIDTH, 3);
  const other = wave(ROWS, WIDTH, 9).data as Float32Array;
  (memory.data as Float32Array).set(other.subarray(end * WIDTH), end * WIDTH);
  return {
    current_vision_features: wave(CELLS, CHANNELS, 1),
    current_vision_position_embeddings: wave(CELLS, CHANNELS, 2),
    memory,
    memory_pos: wave(ROWS, WIDTH, 4),
  };
}

async function answer(modelFile: string, given: Record<string, Tensor>): Promise<Float32Array> {
  const weightFiles = [join(modelFile, '..', 'weights.bin')];
  const { session } = await openGraph({ modelFile, weightFiles, device: 'cpu', threads: 1 });
  try {
    return (await session.run(given, ['conditioned_feats'])).conditioned_feats.data as Float32Array;
  } finally {
    await session.release();
  }
}

test('rows that are masked do not show in the answer; without a mask the answer stays', async () => {
  const original = copy();
  const { file, warnings } = await derive(original, withRowMask(names));
  expect([file, warnings]).toEqual([original.replace('.onnx', '.masked.onnx'), []]);
  const mask = (from: number): Tensor => ({
    type: 'float32',
    data: Float32Array.from({ length: ROWS }, (_, i) => (i < from ? 0 : -1e4)),
    dims: [ROWS],
  });
  const whole = await answer(original, feeds());
  expect(distance(await answer(file, { ...feeds(), memory_mask: mask(ROWS) }), whole)).toBeLessThan(1e-5);
  const half = await answer(file, { ...feeds(), memory_mask: mask(200) });
  expect(distance(await answer(file, { ...feeds(200), memory_mask: mask(200) }), half)).toBe(0);
  expect(distance(half, whole)).toBeGreaterThan(1e-3);
  expect(distance(await answer(original, feeds(200)), whole)).toBeGreaterThan(1e-3);
});

test('a graph without such an attention is used as it is', async () => {
  expect(addRowMask(readFileSync(graph('logits')), names)).toBeUndefined();
  expect(addRowMask(readFileSync(copy()), { ...names, keys: 'current_vision_features' })).toBeUndefined();
  const { file, warnings } = await derive(graph('logits'), withRowMask(names));
  expect([file, warnings]).toEqual([graph('logits'), []]);
  expect(existsSync(graph('logits.masked'))).toBe(false);
});
