import { MaskCache } from '../../lib/matting/mask-cache';
import { Cutter } from '../../lib/matting';
import { Networks } from '../../lib/models';
import type { Runtime } from '../../lib/runtime';
import { entry, modelsFolder, removeFolders } from '../models/support';
import { fakeRuntime, linux, nvidia, matteMetadata } from '../runtime/support';

afterAll(removeFolders);

const image = (value: number, width = 8, height = 6) => ({
  data: new Uint8Array(width * height * 3).fill(value),
  width,
  height,
});
const matte = (value: number) => ({ data: new Uint8Array(12).fill(value), width: 4, height: 3 });

describe('mask cache', () => {
  test('gives back what was kept, and tells photos, shapes and cutters apart', async () => {
    const cache = new MaskCache();
    const key = cache.key(image(1), 'isnet');
    await cache.set(key, matte(7));
    expect(await cache.get(cache.key(image(1), 'isnet'))).toEqual(matte(7));
    for (const other of [
      cache.key(image(2), 'isnet'),
      cache.key(image(1), 'u2net'),
      cache.key(image(1, 6, 8), 'isnet'),
    ]) {
      expect(await cache.get(other)).toBeUndefined();
    }
  });

  test('lets the one go that was unused for longest', async () => {
    const cache = new MaskCache(2);
    await cache.set('a', matte(1));
    await cache.set('b', matte(2));
    await cache.get('a');
    await cache.set('c', matte(3));
    expect(await cache.get('b')).toBeUndefined();
    expect(await cache.get('a')).toEqual(matte(1));
    expect(await cache.get('c')).toEqual(matte(3));
  });
});

/** A runtime whose networks answer ever the same, or fail with what `fail` says for their provider. */
function network(fail: (provider: string) => string | undefined = () => undefined) {
  const fake = fakeRuntime();
  const runs: string[] = [];
  const runtime: Runtime = {
    tensor: fake.tensor,
    async create(file, options, weightFiles) {
      const provider = String(options.executionProviders![0]);
      return {
        ...(await fake.create(file, options, weightFiles)),
        ...matteMetadata(64),
        async run() {
          runs.push(provider);
          const reason = fail(provider);
          if (reason) throw new Error(reason);
          const data = new Float32Array(64 * 64).fill(3);
          return { output: { type: 'float32', data, dims: [1, 1, 64, 64] } as never };
        },
      };
    },
  };
  return { runtime, runs };
}

/** A card that has not even room for the weights, in onnxruntime's words. */
function refuseCard({ create }: Runtime): Runtime['create'] {
  return async (file, options, weightFiles) => {
    if (options.executionProviders![0] !== 'cuda') return create(file, options, weightFiles);
    throw new Error('Available memory of 1024 is smaller than requested bytes of 88188479');
  };
}

function cutter(runtime: Runtime, host = linux) {
  const networks = new Networks({ modelsDir: modelsFolder([entry('bright')]), runtime, host });
  const made = new Cutter(networks);
  const cut = (value: number, changes: object = {}) =>
    made.cut(image(value), {
      model: 'bright',
      device: 'auto',
      strictDevice: false,
      signal: new AbortController().signal,
      ...changes,
    });
  return { made, cut };
}

describe('a cutter', () => {
  test('runs the network once for the same photo', async () => {
    const { runtime, runs } = network();
    const { cut } = cutter(runtime);
    const first = await cut(9);
    expect(first.loadMs).toBeGreaterThan(0);
    expect((await cut(9)).alpha).toEqual(first.alpha);
    expect(runs).toHaveLength(1);
    await cut(10);
    expect(runs).toHaveLength(2);
  });

  test('a network that was warmed up is there already', async () => {
    const { runtime, runs } = network();
    const { made, cut } = cutter(runtime);
    const signal = new AbortController().signal;
    await made.warmUp({ model: 'bright', device: 'auto', strictDevice: false, signal });
    expect(runs).toHaveLength(1);
    await cut(9);
    expect(runs).toHaveLength(2);
    await made.warmUp({ model: 'plain', device: 'auto', strictDevice: false, signal });
    expect(runs).toHaveLength(2);
  });

  describe('whose card is out of memory', () => {
    const full = (provider: string) => (provider === 'cuda' ? 'CUDA failure 2: out of memory' : undefined);

    test.each(['auto', 'cuda'])('%s: the photo goes to the CPU, and the result says so', async (device) => {
      const { runtime, runs } = network(full);
      const { cut } = cutter(runtime, nvidia);
      const result = await cut(9, { device });
      expect(result.device).toBe('cpu');
      expect(runs).toEqual(['cuda', 'cpu']);
      expect(result.warnings).toEqual([
        expect.stringMatching(
          /^The memory of cuda is used up by bright\.onnx: CUDA failure 2.*Used cpu instead\. End/,
        ),
      ]);
    });

    test('already while the network is loaded: the CPU too, said in the result', async () => {
      const { runtime, runs } = network();
      const { cut } = cutter({ ...runtime, create: refuseCard(runtime) }, nvidia);
      const result = await cut(9);
      expect(result.device).toBe('cpu');
      expect(runs).toEqual(['cpu']);
      expect(result.warnings).toEqual([
        expect.stringMatching(
          /^The memory of cuda is used up by bright\.onnx: .*requested.*Used cpu instead\. End/,
        ),
      ]);
      await expect(cut(9, { strictDevice: true })).rejects.toMatchObject({
        code: 'DEVICE_UNAVAILABLE',
        message: expect.stringContaining('used up'),
      });
    });

    test('strictly the job fails and the CPU stays unused', async () => {
      const { runtime, runs } = network(full);
      const { cut } = cutter(runtime, nvidia);
      await expect(cut(9, { device: 'cuda', strictDevice: true })).rejects.toMatchObject({
        code: 'DEVICE_UNAVAILABLE',
        message: expect.stringContaining('used up'),
      });
      expect(runs).toEqual(['cuda']);
    });

    test('a graph that breaks is not tried again', async () => {
      const { runtime, runs } = network(() => 'Got invalid dimensions');
      const { cut } = cutter(runtime, nvidia);
      await expect(cut(9)).rejects.toMatchObject({ code: 'INVALID_MODEL' });
      expect(runs).toEqual(['cuda']);
    });
  });
});
