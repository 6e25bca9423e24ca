import { bandOf } from '../../lib/matting/combine/band';
import { snap } from '../../lib/matting/combine/snap';

const [WIDTH, HEIGHT] = [61, 47];
const BLOCK = 6;
const NEIGHBOURS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 1],
  [-1, 0],
  [0, -1],
  [-1, -1],
  [1, -1],
];

/** A disc that the matte has two pixels off, and beyond the picture's edge. */
const distance = (i: number, x: number) => Math.hypot((i % WIDTH) - x, Math.floor(i / WIDTH) - 12) - 15;
const picture = {
  data: Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, at) => {
    const noise = (at * 7919 + (at >> 3) * 104729) % 17;
    return (distance(Math.floor(at / 3), 30) < 0 ? 70 : 160) + (at % 3) * 20 + noise;
  }),
  width: WIDTH,
  height: HEIGHT,
};
const matte = Float32Array.from(
  { length: WIDTH * HEIGHT },
  (_, i) => 1 / (1 + Math.exp(distance(i, 32) / 1.5)),
);

/** The neighbour at `offset` of the pixel `i`, where the picture has one. */
function neighbour(i: number, [across, down]: number[]): number | undefined {
  const [x, y] = [(i % WIDTH) + across, Math.floor(i / WIDTH) + down];
  return x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT ? y * WIDTH + x : undefined;
}

/** Mean fields as the paper has them: one pixel after the other, every neighbour asked for. */
function meanFields(band: Int32Array, sweeps: number): Float64Array {
  const { data } = picture;
  const step = (i: number, j: number) =>
    [0, 1, 2].reduce((sum, c) => sum + (data[3 * i + c] - data[3 * j + c]) ** 2, 0);
  const block = (i: number) => [Math.floor((i % WIDTH) / BLOCK), Math.floor(Math.floor(i / WIDTH) / BLOCK)];
  const steps = [...band].flatMap((i) =>
    NEIGHBOURS.flatMap((offset) => {
      const j = neighbour(i, offset);
      return j === undefined ? [] : [{ at: block(i), step: step(i, j) }];
    }),
  );
  const usual = (i: number) => {
    const [x, y] = block(i);
    const around = steps.filter(({ at }) => Math.abs(at[0] - x) < 2 && Math.abs(at[1] - y) < 2);
    return Math.max(4, around.reduce((sum, each) => sum + each.step, 0) / around.length);
  };
  const ties = new Map(
    [...band].map((i) => {
      const mean = usual(i);
      const each = NEIGHBOURS.map((offset) => {
        const j = neighbour(i, offset);
        const pull = (3 / Math.hypot(...offset)) * Math.exp(j === undefined ? 0 : -step(i, j) / (1.5 * mean));
        return { j, pull: j === undefined ? 0 : pull };
      });
      return [i, each] as const;
    }),
  );
  const field = Float64Array.from(matte);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const i of sweep % 2 ? [...band].reverse() : band) {
      const odds = Math.log((matte[i] + 1e-4) / (1 - matte[i] + 1e-4));
      const pull = ties
        .get(i)!
        .reduce((sum, { j, pull }) => sum + (j === undefined ? 0 : pull * (2 * field[j] - 1)), 0);
      field[i] = 1 / (1 + Math.exp(-(0.6 * Math.min(5.3, Math.max(-5.3, odds)) + pull)));
    }
  }
  return field;
}

test.each([1, 2, 16])('after %d sweeps an edge is where plain mean fields have it, within 1e-3', (sweeps) => {
  const band = bandOf(matte, picture, 3);
  const [fields, snapped] = [meanFields(band, sweeps), snap(picture, matte, band, sweeps)];
  const off = snapped.map((value, i) => Math.abs(value - fields[i]));
  expect(Math.max(...off)).toBeLessThan(1e-3);
  // The edge did move.
  expect(Math.max(...snapped.map((value, i) => Math.abs(value - matte[i])))).toBeGreaterThan(0.5);
});

test('pixels outside of the band stay as they are', () => {
  const band = bandOf(matte, picture, 2);
  const inBand = new Set(band);
  const snapped = snap(picture, matte, band);
  snapped.forEach((value, i) => inBand.has(i) || expect(value).toBe(matte[i]));
});
