import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  entryToFetch,
  findModel,
  loadRegistry,
  resolveModel,
  type NetworkEntry,
  type Registry,
} from '../../lib/models';
import { devicesOf, entryFor, graphsFor } from '../../lib/models/variants';
import type { RunDevice } from '../../lib/runtime';
import { entry, graph, modelsFolder, removeFolders, type SaliencyEntry } from './support';

afterAll(removeFolders);

const cuda = {
  devices: ['cuda'],
  precision: 'fp16',
  files: [{ sources: ['file:half.onnx'] }],
  input: { size: 16, mean: [0, 0, 0], std: [1, 1, 1] },
  optimisation: 'extended',
};
const webgpu = { devices: ['webgpu'], files: [{ sources: ['file:patched.onnx'] }] };

async function load(changes: Record<string, unknown>, ...here: string[]) {
  const folder = modelsFolder([entry('logits', { variants: [cuda, webgpu], ...changes })]);
  for (const name of here) copyFileSync(graph('logits'), join(folder, name));
  const registry = await loadRegistry(folder);
  return { registry, model: findModel(registry, 'logits') as NetworkEntry };
}

/** What each device would run: file name, size, precision. */
async function table(changes: Record<string, unknown>, ...here: string[]) {
  const { registry, model } = await load(changes, ...here);
  return Object.fromEntries(
    (['cpu', 'cuda', 'webgpu'] as RunDevice[]).map((device) => {
      const { files, input, precision } = entryFor(registry, model, device) as SaliencyEntry;
      return [device, [files[0].sources[0].replace(/.*[:/]/, ''), input.size, precision]];
    }),
  );
}

test('a device takes its own variant where the files are here, otherwise the entry’s own', async () => {
  const own = ['logits.onnx', 32, 'fp32'];
  expect(await table({}, 'half.onnx', 'patched.onnx')).toEqual({
    cpu: own,
    cuda: ['half.onnx', 16, 'fp16'],
    webgpu: ['patched.onnx', 32, 'fp32'],
  });
  expect(await table({}, 'patched.onnx')).toMatchObject({ cuda: own, webgpu: ['patched.onnx', 32, 'fp32'] });
});

test('a device that only a variant is meant for misses that variant', async () => {
  const { registry, model } = await load({ devices: ['cpu'] });
  expect(devicesOf(model)).toEqual(['cpu', 'cuda', 'webgpu']);
  await expect(graphsFor(registry, model, 'cuda')).rejects.toMatchObject({
    code: 'MODEL_MISSING',
    message: expect.stringContaining('half.onnx'),
  });
  expect((await graphsFor(registry, model, 'cpu')).graph.modelFile).toBe(graph('logits'));
});

test('USE_FP16=false takes float32 files where the model has some for the device', async () => {
  const half = { ...webgpu, precision: 'fp16' };
  const changes = { devices: ['cpu', 'cuda'], variants: [cuda, half] };
  const { registry, model } = await load(changes, 'half.onnx', 'patched.onnx');
  const full = await loadRegistry(registry.modelsDir, false);
  const file = (which: typeof entryFor, from: Registry, device: RunDevice) =>
    which(from, model, device).files[0].sources[0].replace(/.*[:/]/, '');
  for (const which of [entryFor, entryToFetch]) {
    expect(file(which, registry, 'cuda')).toBe('half.onnx');
    expect(file(which, full, 'cuda')).toBe('logits.onnx');
    // The only file for it.
    expect(file(which, full, 'webgpu')).toBe('patched.onnx');
  }
});

test('USE_FP16=false reaches the packaged models', async () => {
  const full = await loadRegistry(modelsFolder(), false);
  const half = await loadRegistry(full.modelsDir);
  const fetched = (from: Registry, id: string, device: RunDevice) =>
    entryToFetch(from, findModel(from, id) as NetworkEntry, device).precision;
  for (const id of ['rmbg-2.0', 'birefnet', 'birefnet-512']) {
    expect([id, fetched(half, id, 'cuda')]).toEqual([id, 'fp16']);
    expect([id, fetched(full, id, 'cuda')]).toEqual([id, 'fp32']);
  }
  expect(fetched(full, 'birefnet-lite', 'webgpu')).toBe('fp16');
});

test('options of a variant reach the session', async () => {
  const { registry, model } = await load({ optimisation: 'basic' }, 'half.onnx');
  expect((await graphsFor(registry, model, 'cuda')).graph).toMatchObject({ optimisation: 'extended' });
  expect((await graphsFor(registry, model, 'cpu')).graph).toMatchObject({ optimisation: 'basic' });
});

test('auto takes a model for a device that only a variant serves', async () => {
  const { registry } = await load({ devices: ['cpu'], rank: 1 }, 'half.onnx');
  expect(resolveModel(registry, 'auto', 'cuda').id).toBe('logits');
  expect(resolveModel(registry, 'auto', 'dml').id).toBe('u2netp');
});

test('an unknown option is named with its place', async () => {
  await expect(load({ variants: [{ ...cuda, optimisation: 'most' }] })).rejects.toMatchObject({
    code: 'INVALID_MODEL',
    message: expect.stringMatching(
      /variants\.0\.optimisation to be all, extended, basic, disabled but received "most"/,
    ),
  });
});
