import { Arena } from '../../lib/kernels';

const arena = new Arena();
const { kernels } = arena;
/** A grey picture of soft blobs. */
const picture = (width: number, height: number, across: number, down: number) =>
  Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) + across, Math.floor(i / width) + down];
    return 128 + 60 * Math.sin(x / 3) + 40 * Math.cos(y / 4) + ((x * 7919 + y * 104729) % 13);
  });

test.each([
  [16, 16, 5],
  [12, 16, 5],
  [16, 12, 3],
  [5, 6, 2],
])('a patch of %d x %d is found where a plain loop finds it, up to %d pixels off', (width, height, range) => {
  const [stride, rows, still] = [40, 40, 9];
  const [one, other] = [picture(stride, rows, 0, 0), picture(stride, rows, -2, 1)];
  const at = 12 * stride + 10;
  const found = arena.scope(() => {
    const out = arena.take(12);
    const size = [width, height, range, range, range, range] as const;
    kernels.findPatch(arena.put(one) + at, arena.put(other) + at, stride, ...size, still, out);
    return [...arena.integers(out, 3)];
  });
  let best = [Infinity, 0, 0];
  for (let dy = -range; dy <= range; dy++) {
    for (let dx = -range; dx <= range; dx++) {
      let sum = (Math.abs(dx) + Math.abs(dy)) * still;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          sum += Math.abs(one[at + y * stride + x] - other[at + (y + dy) * stride + x + dx]);
      if (sum < best[0]) best = [sum, dx, dy];
    }
  }
  expect(found).toEqual(best);
  expect(found.slice(1)).toEqual([2, -1]);
});

test('a matte is added where its blocks have moved, by what they count for, and not from beyond its edges', () => {
  const [width, height] = [7, 5];
  const matte = picture(width, height, 3, 0);
  const [across, down, counts] = [2, -1, 0.5];
  const [sums, weights] = arena.scope(() => {
    const plane = (value: number) => new Array<number>(2 * width).fill(value);
    const fields = arena.put(Float32Array.from([...plane(across), ...plane(down), ...plane(counts)]));
    const [rows, shares] = [arena.put(new Int32Array(height)), arena.put(new Float32Array(height).fill(0.3))];
    const [sum, weight] = [0, 1].map((value) => arena.put(new Float32Array(width * height).fill(value)));
    kernels.addMoved(arena.put(matte), width, height, fields, 2, rows, shares, width, height, sum, weight);
    return [sum, weight].map((address) => [...arena.floats(address, width * height)]);
  });
  const from = (i: number) => {
    const [x, y] = [(i % width) + across, Math.floor(i / width) + down];
    return x < width && y >= 0 ? matte[y * width + x] : undefined;
  };
  expect(sums).toEqual(sums.map((_, i) => counts * (from(i) ?? 0)));
  expect(weights).toEqual(weights.map((_, i) => (from(i) === undefined ? 1 : 1 + counts)));
});
