import type { RgbImage } from '../../../lib/contracts';
import { findModel, loadRegistry } from '../../../lib/models';
import { toAlpha } from '../../../lib/models/families/saliency/matte';
import { matteNetwork } from '../../../lib/models/families/saliency/network';
import { toNchw } from '../../../lib/models/families/tensors';
import type { Session, Tensor } from '../../../lib/runtime';
import { openGraph } from '../../runtime/support';
import {
  entry,
  expectedOf,
  graph,
  modelsFolder,
  picture,
  removeFolders,
  type SaliencyEntry,
} from '../support';

const sessions = new Map<string, Session>();

async function session(name: string): Promise<Session> {
  if (!sessions.has(name)) {
    sessions.set(name, (await openGraph({ modelFile: graph(name), device: 'cpu', threads: 1 })).session);
  }
  return sessions.get(name)!;
}

/** The entry as the registry reads it, defaults filled in. */
async function spec(id: 'logits' | 'outputs', changes: Record<string, unknown> = {}): Promise<SaliencyEntry> {
  const registry = await loadRegistry(modelsFolder([entry(id, changes)]));
  return findModel(registry, id) as SaliencyEntry;
}

const float32 = (values: number[], dims: number[]): Tensor => ({
  type: 'float32',
  data: Float32Array.from(values),
  dims,
});

const none = { activation: 'none', normalise: 'none' } as const;

afterAll(async () => {
  for (const each of sessions.values()) await each.release();
  removeFolders();
});

describe('saliency adapter against the Python reference', () => {
  test.each(['logits', 'outputs'] as const)('%s: same mattes within half a grey level', async (id) => {
    const { size, alpha } = expectedOf[id];
    const network = await session(id);
    const adapter = matteNetwork(await spec(id), network);
    const answers = await network.run(adapter.feeds(await adapter.resize(picture(size))), [adapter.output]);
    const matte = adapter.matte(answers[adapter.output]);
    expect([matte.width, matte.height]).toEqual([size, size]);
    const worst = Math.max(...alpha.map((value, i) => Math.abs(value * 255 - matte.data[i])));
    expect(worst).toBeLessThan(0.51);
  });

  test('of several outputs only the registered one is fetched, by number or name', async () => {
    const network = await session('outputs');
    expect(network.outputNames).toEqual(['d0', 'd1', 'flat', 'pair']);
    expect(matteNetwork(await spec('outputs'), network).output).toBe('d0');
    expect(matteNetwork(await spec('outputs', { output: { tensor: 'd1' } }), network).output).toBe('d1');
  });

  test('an answer of shape [1, H, W] is read as well', async () => {
    const network = await session('outputs');
    const adapter = matteNetwork(await spec('outputs', { output: { tensor: 'flat' } }), network);
    const matte = adapter.matte(
      (await network.run(adapter.feeds(await adapter.resize(picture(24))), ['flat'])).flat,
    );
    const worst = Math.max(
      ...expectedOf.outputs.raw.map((raw, i) => Math.abs((raw / 2) * 255 - matte.data[i])),
    );
    expect(worst).toBeLessThan(0.51);
  });

  test('a photo of another size is squashed to the input', async () => {
    const adapter = matteNetwork(await spec('logits'), await session('logits'));
    const feeds = adapter.feeds(
      await adapter.resize({ data: new Uint8Array(90 * 40 * 3).fill(255), width: 90, height: 40 }),
    );
    expect(feeds.image.dims).toEqual([1, 3, 32, 32]);
    expect(feeds.image.data[0]).toBeCloseTo((1 - 0.485) / 0.229, 5);
  });
});

describe('entry and graph that disagree', () => {
  test.each([
    [
      'an input name',
      { input: { size: 32, mean: [0, 0, 0], std: [1, 1, 1], name: 'pixels' } },
      /no input pixels, only image/,
    ],
    [
      'the size',
      { input: { size: 64, mean: [0, 0, 0], std: [1, 1, 1] } },
      /\[1, 3, 32, 32\] where float32 \[1, 3, 64, 64\]/,
    ],
    ['an output name', { output: { tensor: 'alpha' } }, /no output alpha, only logits/],
    ['an output number', { output: { tensor: 3 } }, /no output 3, only logits/],
  ])('%s is INVALID_MODEL', async (_what, changes, message) => {
    const network = await session('logits');
    const wrong = await spec('logits', changes);
    expect(() => matteNetwork(wrong, network)).toThrow(
      expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringMatching(message) }),
    );
  });

  test('an output of two planes is INVALID_MODEL', async () => {
    const network = await session('outputs');
    const wrong = await spec('outputs', { output: { tensor: 'pair' } });
    expect(() => matteNetwork(wrong, network)).toThrow(
      'has pair as float32 [batch, 2, 24, 24] where float32 [1, 1, any, any] or [1, any, any]',
    );
  });
});

describe('tensors', () => {
  test('a picture becomes planes of normalised values', () => {
    const image: RgbImage = { data: Uint8Array.of(0, 51, 102, 153, 204, 255), width: 2, height: 1 };
    const { data, dims } = toNchw(image, { mean: [0, 0.2, 0.5], std: [1, 0.5, 2] });
    expect(dims).toEqual([1, 3, 1, 2]);
    [0, 0.6, 0, 1.2, -0.05, 0.25].forEach((value, i) => expect(data[i]).toBeCloseTo(value, 6));
  });

  test('values outside 0..1 are clipped, and others rounded', () => {
    expect([...toAlpha(float32([-3, 0, 0.5, 1, 7], [1, 1, 1, 5]), none, 'm').data]).toEqual([
      0, 0, 128, 255, 255,
    ]);
  });

  test('the sigmoid comes before min-max', () => {
    const reading = { activation: 'sigmoid', normalise: 'minmax' } as const;
    expect([...toAlpha(float32([-1, 0, 1], [1, 1, 3]), reading, 'm').data]).toEqual([0, 128, 255]);
    expect([...toAlpha(float32([-1000, 0, 1000], [1, 1, 3]), reading, 'm').data]).toEqual([0, 128, 255]);
  });

  test('a flat answer stays empty under min-max', () => {
    const reading = { activation: 'none', normalise: 'minmax' } as const;
    expect([...toAlpha(float32([0.3, 0.3], [1, 1, 2]), reading, 'm').data]).toEqual([0, 0]);
  });

  test.each([NaN, Infinity, -Infinity])('%p is INVALID_MODEL', (value) => {
    expect(() => toAlpha(float32([0, value], [1, 1, 2]), none, 'm')).toThrow(
      expect.objectContaining({
        code: 'INVALID_MODEL',
        message: expect.stringContaining(`${value} at position 1`),
      }),
    );
  });

  test.each([
    ['two planes', float32([0, 0], [1, 2, 1, 1])],
    ['two pictures', float32([0, 0], [2, 1, 1])],
    ['too few dimensions', float32([0, 0], [1, 2])],
    ['another type', { type: 'int32', data: Int32Array.of(0), dims: [1, 1, 1] } as Tensor],
  ])('an answer of %s is INVALID_MODEL', (_what, tensor) => {
    expect(() => toAlpha(tensor, none, 'm')).toThrow(expect.objectContaining({ code: 'INVALID_MODEL' }));
  });
});
