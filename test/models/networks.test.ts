import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';
import type { ModelTask } from '../../lib/contracts';
import { Networks, type OpenRequest } from '../../lib/models';
import { FAMILIES } from '../../lib/models/families';
import { family } from '../../lib/models/families/types';
import type { Session } from '../../lib/runtime';
import { card, fakeRuntime, linux, nvidia } from '../runtime/support';
import { entry, graph, modelsFolder, removeFolders } from './support';

type Options = ConstructorParameters<typeof Networks>[0];

/** A family of two graphs, for a task of its own, as the next one may be. */
const pair = family({
  task: 'pairing' as ModelTask,
  roles: ['encoder', 'decoder'],
  fields: { strength: z.number() },
  variantFields: { strength: z.number().optional() },
  open: ({ strength }, { encoder, decoder }) => ({ strength, encoder, decoder }) as never,
});
Object.assign(FAMILIES, { pair });

const file = (name: string, role?: string) => ({ sources: [`file:${graph(name)}`], role });
const twoGraphs = (changes: object = {}) => ({
  id: 'two',
  name: 'Two graphs',
  description: 'A network of the tests.',
  family: 'pair',
  task: 'pairing',
  license: 'MIT',
  files: [file('logits', 'decoder'), file('bright', 'encoder'), file('kinds')],
  strength: 3,
  ...changes,
});

const made: Networks[] = [];

function networks(entries: unknown[], changes: Partial<Options> = {}): Networks {
  const all = new Networks({ modelsDir: modelsFolder(entries), threads: 1, host: linux, ...changes });
  made.push(all);
  return all;
}

function request<Task extends ModelTask = 'cutout'>(
  id: string,
  changes: Partial<OpenRequest<Task>> = {},
): OpenRequest<Task> {
  const { signal } = new AbortController();
  return { id, task: 'cutout' as Task, device: 'auto', strictDevice: false, signal, ...changes };
}

const feeds = {
  input: { type: 'float32', data: new Float32Array(3 * 64 * 64), dims: [1, 3, 64, 64] },
} as const;
const pairing = { task: 'pairing' as ModelTask };

afterAll(async () => {
  for (const each of made) await each.dispose();
  removeFolders();
});

describe('open', () => {
  test('gives the entry, its graph by role, what its family makes of it, and keeps it warm', async () => {
    const all = networks([entry('bright')]);
    expect(all.loaded).toEqual([]);
    const first = await all.open(request('bright'));
    expect(first).toMatchObject({
      entry: { id: 'bright', input: { size: 64 } },
      device: 'cpu',
      warnings: [],
    });
    expect(Object.keys(first.graphs)).toEqual(['graph']);
    expect(first.network).toMatchObject({ session: first.graphs.graph, output: 'output' });
    const again = await all.open(request('bright', { device: 'cpu', strictDevice: true }));
    expect(again.graphs.graph).toBe(first.graphs.graph);
    expect(all.loaded).toEqual([{ model: 'bright', device: 'cpu' }]);
  });

  test('gives every graph of a family of two, whatever the order of its files', async () => {
    const opened = await networks([twoGraphs()]).open(request('two', pairing));
    const { encoder, decoder } = opened.graphs;
    expect([encoder.inputNames, decoder.inputNames]).toEqual([['input'], ['image']]);
    expect(opened.network).toEqual({ strength: 3, encoder, decoder });
  });

  test('two graphs are always on one device', async () => {
    const { create } = fakeRuntime();
    const runtime = {
      ...fakeRuntime(),
      create: async (...args: Parameters<typeof create>) => {
        if (args[0] === graph('bright') && args[1].executionProviders![0] === 'cuda')
          throw new Error('no room');
        return create(...args);
      },
    };
    const all = networks([twoGraphs()], { runtime, host: nvidia });
    const opened = await all.open(request('two', pairing));
    expect(opened.device).toBe('cpu');
    expect(Object.values(opened.graphs).map(({ device }) => device)).toEqual(['cpu', 'cpu']);
    expect(opened.warnings).toEqual([expect.stringMatching(/no room\. Used cpu instead/)]);
    expect(all.loaded).toEqual([{ model: 'two', device: 'cpu' }]);
  });

  test('a variant may bring fields of its own, and leave out others', async () => {
    const files = [file('bright', 'decoder'), file('bright', 'encoder')];
    const open = async (variant: object) => {
      const variants = [{ devices: ['cpu'], files, ...variant }];
      return (await networks([twoGraphs({ variants })]).open(request('two', pairing))).network;
    };
    const reads = ({ decoder, strength }: { decoder: Session; strength: number }) => [
      strength,
      decoder.inputNames[0],
    ];
    expect(reads((await open({})) as never)).toEqual([3, 'input']);
    expect(reads((await open({ strength: 5 })) as never)).toEqual([5, 'input']);
  });

  test('weights in a file beside the graph are checked, found and never taken for a graph', async () => {
    const modelsDir = modelsFolder();
    const names = ['beside.onnx', 'beside.onnx.data'];
    const files = names.map((name) => ({ sources: [`file:${name}`] }));
    const registry = JSON.stringify({ models: [entry('bright', { files })] });
    writeFileSync(join(modelsDir, 'registry.local.json'), registry);
    copyFileSync(graph('beside'), join(modelsDir, names[0]));
    const all = networks([], { modelsDir });
    await expect(all.open(request('bright'))).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining(names[1]),
    });
    copyFileSync(`${graph('beside')}.data`, join(modelsDir, names[1]));
    expect(Object.keys((await all.open(request('bright'))).graphs)).toEqual(['graph']);
  });

  test.each([
    ['a model of another task', 'two', /one for the task cutout \(plain, .*bright\) but received "two"/],
    ['a built-in model', 'plain', /a network but received "plain"/],
  ])('%s is refused', async (_what, id, message) => {
    await expect(networks([entry('bright'), twoGraphs()]).open(request(id))).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['a graph that is missing', [file('logits', 'decoder')]],
    ['a graph that is there twice', [file('logits', 'decoder'), file('bright', 'decoder')]],
    ['files without roles', [file('logits'), file('bright')]],
  ])('%s is refused, naming the roles', async (_what, files) => {
    await expect(networks([twoGraphs({ files })]).registry()).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('one for each role (encoder, decoder)'),
    });
  });
});

describe('work on a card', () => {
  test('goes to the CPU where the memory is used up, from its start and with a warning', async () => {
    const { runtime } = card((size) => (size === 1 ? 'CUDA failure 2: out of memory' : undefined));
    const all = networks([entry('bright')], { runtime, host: nvidia });
    const devices: string[] = [];
    const work = all.use(request('bright'), async ({ graphs, device, warnings }) => {
      devices.push(device);
      if (device === 'cuda') await graphs.graph.run(feeds, ['output']);
      return warnings;
    });
    expect(await work).toEqual([expect.stringMatching(/^The memory of cuda is used up.*Used cpu instead/)]);
    expect(devices).toEqual(['cuda', 'cpu']);
    expect(all.loaded.map(({ device }) => device)).toEqual(['cuda', 'cpu']);
  });

  test('stays there where the model has no files for the CPU', async () => {
    const all = networks([entry('bright', { devices: ['cuda'] })], {
      runtime: card(() => 'out of memory').runtime,
      host: nvidia,
    });
    const work = all.use(request('bright'), ({ graphs }) => graphs.graph.run(feeds, ['output']));
    await expect(work).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });
});
