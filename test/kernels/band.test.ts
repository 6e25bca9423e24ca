import { bandOf } from '../../lib/matting/combine/band';

/** Values of a matte with an edge, undecided spots, and a corner of product. */
const matte = (width: number, height: number) =>
  Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    if (x === 1 && y === 2) return 0.4;
    return Math.hypot(x - width, y) < width / 2 ? 0.95 : 0.02;
  });

test.each([
  [37, 23, 2],
  [16, 9, 3],
  [5, 4, 1],
  [3, 1, 2],
  [1, 6, 2],
])('the band of %d x %d at %d pixels is what a plain loop lists', (width, height, reach) => {
  const values = matte(width, height);
  const wanted = [...values.keys()].filter((i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const around = new Set<boolean>();
    for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++)
      for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++)
        around.add(values[v * width + u] > 0.5);
    return around.size === 2 || (values[i] > 0.1 && values[i] < 0.9);
  });
  expect([...bandOf(values, { width, height }, reach)]).toEqual(wanted);
});
