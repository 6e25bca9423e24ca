import { Arena } from '../../lib/kernels';

const arena = new Arena();
const { kernels } = arena;

test.each([1, 7, 640])('%d pixels go towards the mean of the far ones, as a plain loop mixes them', (pixels) => {
  const data = Uint8Array.from({ length: pixels * 3 }, (_, i) => (i * 7919) % 256);
  const near = Float32Array.from({ length: pixels }, (_, i) => (i % 11) / 10);
  const share = 0.4;
  const faded = arena.scope(() => {
    const out = arena.take(data.length);
    kernels.fade(arena.put(data), arena.put(near), pixels, share, out);
    return arena.bytes(out, data.length).slice();
  });
  const far = Array.from({ length: pixels }, (_, i) => i).filter((i) => near[i] < 0.5);
  const means = [0, 1, 2].map((c) => far.reduce((sum, i) => sum + data[i * 3 + c], 0) / far.length);
  const off = Array.from(data, (value, at) => {
    const mixed = value + (means[at % 3] - value) * share * (1 - near[Math.floor(at / 3)]);
    return Math.abs(faded[at] - mixed);
  });
  expect(Math.max(...off)).toBeLessThanOrEqual(0.501);
});

test('a picture without far parts stays as it is', () => {
  const data = Uint8Array.of(10, 20, 30, 40, 50, 60);
  const faded = arena.scope(() => {
    const out = arena.take(data.length);
    kernels.fade(arena.put(data), arena.put(Float32Array.of(1, 1)), 2, 0.5, out);
    return arena.bytes(out, data.length).slice();
  });
  expect(faded).toEqual(data);
});
