import { detailOf, sharpnessOf } from '../../lib/pipelines/segment/sharpness';

const [WIDTH, HEIGHT] = [53, 39];
const CELL = 16;
/** Noise, of which the right part has twice as much. */
const picture = {
  data: Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, at) => {
    const x = Math.floor(at / 3) % WIDTH;
    return 100 + (((at * 7919 + (at >> 3) * 104729) % 41) - 20) * (x >= 32 ? 2 : 1);
  }),
  width: WIDTH,
  height: HEIGHT,
};

/** The variance of the Laplacian of luma over what a plain loop finds in a range of pixels. */
function plainly(left: number, top: number, right: number, bottom: number): number {
  const { data } = picture;
  const grey = (x: number, y: number) => {
    const at = 3 * (y * WIDTH + x);
    return 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  };
  const values: number[] = [];
  for (let y = Math.max(1, top); y < Math.min(HEIGHT - 1, bottom); y++)
    for (let x = Math.max(1, left); x < Math.min(WIDTH - 1, right); x++)
      values.push(4 * grey(x, y) - grey(x - 1, y) - grey(x + 1, y) - grey(x, y - 1) - grey(x, y + 1));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

const detail = detailOf(picture);

test('the sharpness of a picture is that of a plain loop', () => {
  expect(sharpnessOf(detail) / plainly(0, 0, WIDTH, HEIGHT)).toBeCloseTo(1, 4);
});

test('a part is taken by whole cells', () => {
  const part = sharpnessOf(detail, [20, 3, 9, 20]);
  expect(part / plainly(CELL, 0, 2 * CELL, 2 * CELL)).toBeCloseTo(1, 4);
  expect(sharpnessOf(detail, [33, 0, 20, HEIGHT])).toBeGreaterThan(3 * part);
});

test('a picture without an inside has no detail', () => {
  expect(sharpnessOf(detailOf({ data: new Uint8Array(12), width: 2, height: 2 }))).toBe(0);
});
