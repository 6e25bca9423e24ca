import { spawnSync } from 'node:child_process';
import { builtFile } from '../../lib/contracts';
import { ThreadRuntime, toHalf } from '../../lib/runtime';
import { entry, expectedOf, graph, modelsFolder, picture, removeFolders } from '../models/support';
import { toNchw } from '../../lib/models/families/tensors';
import { Networks } from '../../lib/models';
import { Cutter } from '../../lib/matting';
import { openGraph } from './support';

/** The thread runs built files, as child processes do: build first. */
const runtime = new ThreadRuntime();
const open = (name: string) => openGraph({ modelFile: graph(name), device: 'cpu', threads: 1, runtime });

afterAll(removeFolders);

describe('onnxruntime in a thread', () => {
  test('gives the reference numbers, and leaves the event loop free', async () => {
    const { session } = await open('logits');
    const { size, mean, std, raw } = expectedOf.logits;
    expect(session.inputs).toEqual([{ name: 'image', type: 'float32', shape: [1, 3, 32, 32] }]);
    const feeds = { image: toNchw(picture(size), { mean, std }) };
    const { logits: answer } = await session.run(feeds, ['logits']);
    expect(answer.dims).toEqual([1, 1, 32, 32]);
    expect(Math.max(...raw.map((value, i) => Math.abs(value - Number(answer.data[i]))))).toBeLessThan(1e-4);
    await session.release();
  });

  test('runs asked at once are all answered, each with its own', async () => {
    const { session } = await open('bright');
    const pixels = 64 * 64;
    const answers = await Promise.all(
      [0, 1, 2, 3].map((value) =>
        session.run(
          {
            input: { type: 'float32', data: new Float32Array(3 * pixels).fill(value), dims: [1, 3, 64, 64] },
          },
          ['output'],
        ),
      ),
    );
    expect(answers.map(({ output }) => Math.round(Number(output.data[0])))).toEqual([0, 20, 40, 60]);
    await session.release();
  });

  test('half floats cross as their bits', async () => {
    const { session } = await open('contract-birefnet-cuda');
    const data = toHalf(new Float32Array(3 * 256).fill(0.5));
    const feeds = { IMAGE: { type: 'float16', data, dims: [1, 3, 16, 16] } } as const;
    const { ALPHA: answer } = await session.run(feeds, ['ALPHA']);
    expect([answer.type, answer.data.constructor.name, answer.data.length]).toEqual([
      'float16',
      'Uint16Array',
      256,
    ]);
    await session.release();
  });

  test('tensors that share their values cross together, whole numbers as such', async () => {
    const { session } = await open('kinds');
    const data = new ArrayBuffer(32);
    const ids = { type: 'int64', data: new BigInt64Array(data, 0, 2), dims: [2] } as const;
    const half = { type: 'float16', data: new Uint16Array(data, 16, 2), dims: [2] } as const;
    const { next } = await session.run({ ids, half }, ['next']);
    expect(next).toEqual({ type: 'int64', data: BigInt64Array.of(1n, 1n), dims: [2] });
    await session.release();
  });

  test('failures keep their words', async () => {
    const { session } = await open('logits');
    const feed = { type: 'float32', data: new Float32Array(12), dims: [1, 3, 2, 2] } as const;
    await expect(session.run({ image: feed }, ['logits'])).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('invalid dimensions'),
    });
    await session.release();
    await expect(openGraph({ modelFile: __filename, device: 'cpu', runtime })).rejects.toMatchObject({
      code: 'INVALID_MODEL',
    });
  });

  test('keeps no process alive that asks nothing of it', () => {
    const code = 'new (require(process.argv[1]).ThreadRuntime)()';
    const args = ['-e', code, builtFile('lib/runtime/index.js')];
    const { status, signal, stderr } = spawnSync(process.execPath, args, {
      timeout: 30_000,
      encoding: 'utf8',
    });
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  });

  test('carries a whole cut', async () => {
    const networks = new Networks({ modelsDir: modelsFolder([entry('bright')]), threads: 1, runtime });
    const cutter = new Cutter(networks);
    const image = { data: new Uint8Array(90 * 60 * 3).fill(250), width: 90, height: 60 };
    const signal = new AbortController().signal;
    const cut = await cutter.cut(image, { model: 'bright', device: 'cpu', strictDevice: true, signal });
    expect(Math.min(...cut.alpha.data)).toBe(255);
    await networks.dispose();
  });
});
