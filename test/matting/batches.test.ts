import { Cutter } from '../../lib/matting';
import { Networks } from '../../lib/models';
import { entry, graph, modelsFolder, removeFolders } from '../models/support';
import { card, nvidia } from '../runtime/support';

afterAll(removeFolders);

const rmbg = entry('logits', {
  id: 'mine',
  files: [{ sources: [`file:${graph('contract-rmbg-2.0')}`] }],
  input: { size: 16, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  output: {},
});

function photo(seed: number) {
  const [width, height] = [60, 40];
  return {
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + seed * 31) % 256),
    width,
    height,
  };
}

async function cutAll(fail?: (size: number) => string | undefined, onBatching?: () => void) {
  const { runtime, sizes } = card(fail);
  const networks = new Networks({ modelsDir: modelsFolder([rmbg]), runtime, host: nvidia, threads: 1 });
  const cutter = new Cutter(networks, onBatching);
  const cut = (seed: number) =>
    cutter.cut(photo(seed), {
      model: 'mine',
      device: 'auto',
      strictDevice: false,
      signal: new AbortController().signal,
    });
  const one = await cut(9);
  const many = await Promise.all([0, 1, 2, 3, 4, 5].map(cut));
  await networks.dispose();
  return { sizes, one, many };
}

test('photos cut at the same time on a card share runs, and each gets its own matte', async () => {
  const onBatching = jest.fn();
  const { sizes, many } = await cutAll(undefined, onBatching);
  expect(Math.max(...sizes)).toBeGreaterThan(1);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(7);
  expect(onBatching).toHaveBeenCalledTimes(1);
  const single = await cutAll((size) => (size > 1 ? 'out of memory' : undefined));
  many.forEach((cut, i) => {
    expect([cut.device, cut.warnings]).toEqual(['cuda', []]);
    expect(Buffer.from(cut.alpha.data).equals(Buffer.from(single.many[i].alpha.data))).toBe(true);
  });
  expect(single.many.flatMap(({ warnings }) => warnings)).toContainEqual(
    expect.stringMatching(/photos at once failed, so they ran one by one\. The memory of cuda is used up/),
  );
});
