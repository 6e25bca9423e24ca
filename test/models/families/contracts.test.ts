import { readFileSync } from 'node:fs';
import { packagedRegistryFile, type RgbImage } from '../../../lib/contracts';
import { findModel, loadRegistry } from '../../../lib/models';
import { matteNetwork } from '../../../lib/models/families/saliency/network';
import { openGraph } from '../../runtime/support';
import contracts from '../../fixtures/models/contracts.json';
import { entry, graph, modelsFolder, picture, removeFolders, type SaliencyEntry } from '../support';

/** Graphs and numbers made by test/reference/contracts.py, where the sources of each contract are named. */
type Contract = (typeof contracts)['u2net'] & { input: object; output: object };
const CASES = Object.entries(contracts) as unknown as [keyof typeof contracts, Contract][];

afterAll(removeFolders);

/** The reference script's picture: no brighter than 199. */
function photo(width: number, height: number): RgbImage {
  const square = picture(Math.max(width, height));
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = y * square.width * 3;
    for (let i = 0; i < width * 3; i++) data[y * width * 3 + i] = square.data[row + i] % 200;
  }
  return { data, width, height };
}

test.each(CASES)(
  '%s: names, layout, number formats and activation as the real network has them',
  async (id, { size, width, height, input, output, alpha }) => {
    const files = [{ sources: [`file:${graph(`contract-${id}`)}`] }];
    const registry = await loadRegistry(
      modelsFolder([entry('logits', { id: 'mine', files, input: { ...input, size }, output })]),
    );
    const { session } = await openGraph({
      modelFile: graph(`contract-${id}`),
      device: 'cpu',
      threads: 1,
    });
    try {
      const adapter = matteNetwork(findModel(registry, 'mine') as SaliencyEntry, session);
      const answers = await session.run(adapter.feeds(await adapter.resize(photo(width, height))), [
        adapter.output,
      ]);
      const matte = adapter.matte(answers[adapter.output]);
      expect([matte.width, matte.height]).toEqual([width, height]);
      const worst = Math.max(...alpha.map((value, i) => Math.abs(value * 255 - matte.data[i])));
      // A grey level where the network itself computes in halves.
      expect(worst).toBeLessThan(['ben2', 'birefnet-cuda'].includes(id) ? 1.1 : 0.55);
    } finally {
      await session.release();
    }
  },
);

describe('modnet keeps proportions', () => {
  const { size, input, output } = contracts.modnet;
  test.each([
    [640, 480, 64, 64],
    [1000, 500, 128, 64],
    [500, 1000, 64, 128],
    [50, 40, 64, 64],
    [4000, 100, 256, 64],
  ])('%i x %i becomes %i x %i', async (width, height, fitWidth, fitHeight) => {
    const registry = await loadRegistry(
      modelsFolder([entry('logits', { id: 'mine', input: { ...input, size }, output })]),
    );
    const { session } = await openGraph({ modelFile: graph('contract-modnet'), device: 'cpu', threads: 1 });
    const adapter = matteNetwork(findModel(registry, 'mine') as SaliencyEntry, session);
    const feeds = adapter.feeds(await adapter.resize(photo(width, height)));
    await session.release();
    expect(feeds.input.dims).toEqual([1, 3, fitHeight, fitWidth]);
  });
});

describe('the packaged registry', () => {
  const { models } = JSON.parse(readFileSync(packagedRegistryFile, 'utf8')) as { models: Listed[] };
  /** Entries that share a contract with another, and their size where that differs. */
  const shared: Record<string, { contract: string; size?: number }> = {
    u2netp: { contract: 'u2net' },
    silueta: { contract: 'u2net' },
    'birefnet-512': { contract: 'birefnet', size: 512 },
    'birefnet-hr': { contract: 'birefnet', size: 2048 },
    'birefnet-dynamic': { contract: 'birefnet-cuda' },
    feynobg: { contract: 'birefnet-cuda' },
  };
  const networks = models.filter(({ family }) => family === 'saliency');

  test.each(networks.map((model) => [model.id, model] as const))(
    'says of %s what its contract says',
    (id, { input, output }) => {
      const { contract: name, size } = shared[id] ?? { contract: id };
      const contract = CASES.find(([known]) => known === name)![1];
      expect(reading(input, output)).toEqual(
        reading({ ...contract.input, size: size ?? contract.realSize }, contract.output),
      );
    },
  );

  test('says of BiRefNet for CUDA what its contract says', () => {
    const variant = networks
      .find(({ id }) => id === 'birefnet')!
      .variants!.find(({ devices }) => devices.includes('cuda'))!;
    const contract = contracts['birefnet-cuda'];
    expect(reading(variant.input!, variant.output)).toEqual(
      reading({ ...contract.input, size: contract.realSize }, contract.output),
    );
  });
});

interface Listed {
  id: string;
  family: string;
  input: object;
  output?: object;
  variants?: { devices: string[]; input?: object; output?: object }[];
}

/** What decides the numbers; names of tensors are read from the graph. */
function reading(input: object, output: object = {}): object {
  const { size, mean, std, range = 'byte', resize = 'squash' } = input as Record<string, unknown>;
  const { activation = 'none', normalise = 'none' } = output as Record<string, unknown>;
  const rounded = [mean, std].map((values) => (values as number[]).map((value) => Number(value.toFixed(6))));
  return { size, mean: rounded[0], std: rounded[1], range, resize, activation, normalise };
}
