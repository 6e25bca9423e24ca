import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHalf, toHalf, type Runtime, type Tensor } from '../../lib/runtime';
import { expectedOf, graph, modelsFolder, picture, removeFolders } from '../models/support';
import { toNchw } from '../../lib/models/families/tensors';
import { fakeRuntime, host, libraryMissing, linux, nvidia, openGraph, type OpenOptions } from './support';

const modelFile = graph('logits');
const cardWithoutLibrary = host('linux', 'x64', ['/dev/nvidia0']);

afterAll(removeFolders);

function open(options: Partial<OpenOptions> & { runtime: Runtime }) {
  return openGraph({ modelFile, device: 'auto', host: nvidia, ...options });
}

describe('choice of device, with injected failures', () => {
  test('the best device that works is taken without a word', async () => {
    const runtime = fakeRuntime();
    const { session, warnings } = await open({ runtime, threads: 3 });
    expect(session.device).toBe('cuda');
    expect(warnings).toEqual([]);
    expect(runtime.created).toEqual([
      expect.objectContaining({
        executionProviders: ['cuda', 'cpu'],
        intraOpNumThreads: 3,
        enableMemPattern: false,
        graphOptimizationLevel: 'all',
      }),
    ]);
  });

  test.each(['auto', 'cuda'] as const)('%s falls back to the CPU and says so', async (device) => {
    const runtime = fakeRuntime(libraryMissing('cuda'));
    const { session, warnings } = await open({ runtime, device });
    expect(session.device).toBe('cpu');
    expect(runtime.created.map(({ executionProviders }) => executionProviders)).toEqual([
      ['cuda', 'cpu'],
      ['cpu'],
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /device cuda cannot be used: cuda: Failed to load shared library.*Used cpu instead.*nvidia-smi/,
      ),
    ]);
  });

  test.each([
    [
      'cuda',
      cardWithoutLibrary,
      /CUDA libraries of onnxruntime 1\.\d+\.\d+ are not installed/,
      /vitrine gpu install/,
    ],
    ['cuda', linux, /no NVIDIA device is visible/, /nvidia-smi/],
    ['cuda', host('darwin', 'arm64'), /needs linux\/x64, and this machine is darwin\/arm64/, /auto or cpu/],
    ['webgpu', linux, /no graphics device is visible/, /driver/],
    ['coreml', linux, /needs darwin\/arm64/, /Apple-silicon/],
    ['dml', linux, /needs win32\/x64/, /Windows/],
  ] as const)(
    'strict %s names what is missing and the way out (%#)',
    async (device, machine, message, hint) => {
      const runtime = fakeRuntime();
      await expect(open({ runtime, device, strictDevice: true, host: machine })).rejects.toMatchObject({
        code: 'DEVICE_UNAVAILABLE',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      });
      expect(runtime.created).toEqual([]);
    },
  );

  test.each(['cuda', 'auto'] as const)('strict %s never uses the CPU when the card fails', async (device) => {
    const runtime = fakeRuntime(libraryMissing('cuda'));
    await expect(open({ runtime, device, strictDevice: true })).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
    });
    expect(runtime.created).toHaveLength(1);
  });

  test('a card without its library is a fallback worth a warning, no card is not', async () => {
    const loud = await open({ runtime: fakeRuntime(), host: cardWithoutLibrary });
    expect(loud.warnings).toEqual([expect.stringContaining('libonnxruntime_providers_cuda.so')]);
    const quiet = await open({ runtime: fakeRuntime(), host: linux });
    expect(quiet.warnings).toEqual([]);
  });

  test('a device that the network does not run on is not tried', async () => {
    const runtime = fakeRuntime();
    const { session, warnings } = await open({ runtime, device: 'cuda', allowed: ['cpu'] });
    expect(session.device).toBe('cpu');
    expect(warnings).toEqual([expect.stringContaining('runs on cpu only')]);
    await expect(
      open({ runtime, device: 'cuda', strictDevice: true, allowed: ['cpu'] }),
    ).rejects.toMatchObject({
      code: 'DEVICE_UNAVAILABLE',
    });
  });

  test('a broken graph is not tried on another device', async () => {
    const runtime = fakeRuntime(() => {
      throw new Error(`Load model from ${modelFile} failed:Protobuf parsing failed.`);
    });
    await expect(open({ runtime })).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('Load model from logits.onnx failed'),
    });
    expect(runtime.created).toHaveLength(1);
  });

  test('used-up memory while running is told apart from a broken graph', async () => {
    const failing = (reason: string): Runtime => {
      const fake = fakeRuntime();
      const create = async (...args: Parameters<Runtime['create']>) =>
        Object.assign(await fake.create(...args), { run: () => Promise.reject(new Error(reason)) });
      return { ...fake, create };
    };
    const run = async (reason: string) => (await open({ runtime: failing(reason) })).session.run({}, ['y']);
    await expect(run('CUDA failure 2: out of memory')).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
    await expect(run('Got invalid dimensions for input')).rejects.toMatchObject({ code: 'INVALID_MODEL' });
  });
});

describe('session', () => {
  test('fetches the wanted output only', async () => {
    const runtime = fakeRuntime();
    const { session } = await open({ runtime });
    await session.run({ x: { type: 'float32', data: new Float32Array(3), dims: [1, 3] } }, ['y']);
    expect(runtime.fetched).toEqual([['y']]);
    await expect(session.run({}, ['q'])).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('no output q, only y, z'),
    });
  });

  test('release happens once, after the runs under way, and ends its use', async () => {
    const runtime = fakeRuntime();
    const { session } = await open({ runtime });
    const order: string[] = [];
    const run = session.run({}, ['y']).then(() => order.push('run'));
    await Promise.all([session.release().then(() => order.push('release')), session.release(), run]);
    expect(order).toEqual(['run', 'release']);
    expect(runtime.released).toBe(1);
    await expect(session.run({}, ['y'])).rejects.toThrow('used after release');
  });

  test('a missing file is MODEL_MISSING', async () => {
    await expect(open({ runtime: fakeRuntime(), modelFile: 'nowhere.onnx' })).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('nowhere.onnx'),
    });
  });
});

describe('onnxruntime-node itself', () => {
  test('reads the graph and computes the reference numbers', async () => {
    const { session, warnings } = await openGraph({ modelFile, device: 'cpu', threads: 1 });
    try {
      expect(warnings).toEqual([]);
      expect(session.inputs).toEqual([{ name: 'image', type: 'float32', shape: [1, 3, 32, 32] }]);
      expect(session.outputs).toEqual([{ name: 'logits', type: 'float32', shape: [1, 1, 32, 32] }]);
      const { size, mean, std, raw } = expectedOf.logits;
      const feeds = { image: toNchw(picture(size), { mean, std }) };
      const { logits: answer } = await session.run(feeds, ['logits']);
      expect(answer.dims).toEqual([1, 1, 32, 32]);
      const worst = Math.max(...raw.map((value, i) => Math.abs(value - Number(answer.data[i]))));
      expect(worst).toBeLessThan(1e-4);
    } finally {
      await session.release();
    }
  });

  test('whole numbers and half floats go in and come out, names that the graph does not know are left out', async () => {
    const { session } = await openGraph({ modelFile: graph('kinds'), device: 'cpu', threads: 1 });
    const ids: Tensor = { type: 'int64', data: BigInt64Array.of(1n, 2n ** 40n), dims: [2] };
    const half: Tensor = { type: 'float16', data: toHalf(Float32Array.of(0.5, -3)), dims: [2] };
    const optional = { feeds: { mask: ids }, outputs: ['double', 'logits'] } as const;
    const { next, double, logits } = await session.run({ ids, half }, ['next'], optional);
    expect(next).toEqual({ type: 'int64', data: BigInt64Array.of(2n, 2n ** 40n + 1n), dims: [2] });
    expect(double).toMatchObject({ type: 'float16', dims: [2] });
    expect([...fromHalf(double!.data as Uint16Array)]).toEqual([1, -6]);
    expect(logits).toBeUndefined();
    await expect(session.run({ ids, half, mask: ids }, ['next'])).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('no input mask, only ids, half'),
    });
    await session.release();
  });

  test('finds the weights that a graph keeps in a file beside it', async () => {
    const answers = [];
    for (const name of ['bright', 'beside']) {
      const { session } = await openGraph({ modelFile: graph(name), device: 'cpu', threads: 1 });
      const input = toNchw(picture(64), { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] });
      answers.push((await session.run({ input }, ['output'])).output);
      await session.release();
    }
    expect(answers[1]).toEqual(answers[0]);
  });

  test('tells feeds of the wrong shape as INVALID_MODEL', async () => {
    const { session } = await openGraph({ modelFile, device: 'cpu' });
    const feed = { type: 'float32', data: new Float32Array(3 * 4), dims: [1, 3, 2, 2] } as const;
    await expect(session.run({ image: feed }, ['logits'])).rejects.toMatchObject({ code: 'INVALID_MODEL' });
    await session.release();
  });

  test('tells a damaged file as INVALID_MODEL', async () => {
    const file = join(modelsFolder(), 'damaged.onnx');
    writeFileSync(file, 'not a graph');
    await expect(openGraph({ modelFile: file, device: 'cpu' })).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringMatching(/^damaged\.onnx is not a network/),
    });
  });
});
