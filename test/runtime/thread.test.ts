import { openSession, ThreadRuntime, toHalf } from '../../lib/runtime';
import { entry, expectedOf, graph, modelsFolder, picture, removeFolders } from '../models/support';
import { toNchw } from '../../lib/models/adapters/tensors';
import { Cutter } from '../../lib/matting';

/** The thread runs built files, as child processes do: build first. */
const runtime = new ThreadRuntime();
const open = (name: string) => openSession({ modelFile: graph(name), device: 'cpu', threads: 1, runtime });

afterAll(removeFolders);

describe('onnxruntime in a thread', () => {
  test('gives the reference numbers, and leaves the event loop free', async () => {
    const { session } = await open('logits');
    const { size, mean, std, raw } = expectedOf.logits;
    expect(session.inputs).toEqual([{ name: 'image', type: 'float32', shape: [1, 3, 32, 32] }]);
    const answer = await session.run({ image: toNchw(picture(size), { mean, std }) }, 'logits');
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
          'output',
        ),
      ),
    );
    expect(answers.map(({ data }) => Math.round(Number(data[0])))).toEqual([0, 20, 40, 60]);
    await session.release();
  });

  test('half floats cross as their bits', async () => {
    const { session } = await open('contract-birefnet-cuda');
    const data = toHalf(new Float32Array(3 * 256).fill(0.5));
    const answer = await session.run({ IMAGE: { type: 'float16', data, dims: [1, 3, 16, 16] } }, 'ALPHA');
    expect([answer.type, answer.data.constructor.name, answer.data.length]).toEqual([
      'float16',
      'Uint16Array',
      256,
    ]);
    await session.release();
  });

  test('failures keep their words', async () => {
    const { session } = await open('logits');
    const feed = { type: 'float32', data: new Float32Array(12), dims: [1, 3, 2, 2] } as const;
    await expect(session.run({ image: feed }, 'logits')).rejects.toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('invalid dimensions'),
    });
    await session.release();
    await expect(openSession({ modelFile: __filename, device: 'cpu', runtime })).rejects.toMatchObject({
      code: 'INVALID_MODEL',
    });
  });

  test('carries a whole cut', async () => {
    const cutter = new Cutter({ modelsDir: modelsFolder([entry('bright')]), threads: 1, runtime });
    const image = { data: new Uint8Array(90 * 60 * 3).fill(250), width: 90, height: 60 };
    const signal = new AbortController().signal;
    const cut = await cutter.cut(image, { model: 'bright', device: 'cpu', strictDevice: true, signal });
    expect(Math.min(...cut.alpha.data)).toBe(255);
    await cutter.dispose();
  });
});
