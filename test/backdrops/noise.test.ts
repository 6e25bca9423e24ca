import { addLayers, addNoise } from '../../lib/backdrops/noise';

const length = 600;

/** The same places, as a row and one by one. */
function both(x: number, y: number, step: number, seed: number): [Float32Array, Float32Array] {
  const [row, places] = [new Float32Array(length), new Float32Array(length)];
  addNoise(row, { x, y, step }, seed);
  const at = (_: unknown, index: number) => x + index * step;
  addNoise(places, { x: Float32Array.from({ length }, at), y: new Float32Array(length).fill(y) }, seed);
  return [row, places];
}

test.each([0.003, 0.11, 1, 2.7])('in steps of %d, a row is the same as its places', (step) => {
  const [row, places] = both(-7.3, 2.25, step, 5);
  row.forEach((value, index) => expect(value).toBeCloseTo(places[index], 3));
});

test('it lies about 0, within -1..1, and has no jump where cells meet', () => {
  const [row] = both(-3, 0.4, 0.01, 9);
  const mean = row.reduce((sum, value) => sum + value, 0) / length;
  expect(Math.abs(mean)).toBeLessThan(0.3);
  expect(Math.max(...row.map(Math.abs))).toBeLessThanOrEqual(1.5);
  const steps = row.slice(1).map((value, index) => Math.abs(value - row[index]));
  expect(Math.max(...steps)).toBeLessThan(0.05);
});

test('layers that cannot be seen are left out', () => {
  const at = { x: 0, y: 0.5, step: 0.02 };
  const [one, coarse] = [new Float32Array(length), new Float32Array(length)];
  addNoise(one, at, 1, 0.5);
  addLayers(coarse, at, 1, { octaves: 5, smallest: 0.5 });
  expect(coarse).toEqual(one);
});
