import type { Alpha, RgbImage } from '../../lib/contracts';
import { surroundings, VALUES } from '../../lib/matting/surroundings';

/** Columns from `from` on are product of one colour, the others ground of another, with a soft one between them. */
function halves(width: number, height: number, from: number): { image: RgbImage; alpha: Alpha } {
  const image = { data: new Uint8Array(width * height * 3), width, height };
  const alpha = { data: new Uint8Array(width * height), width, height };
  for (let i = 0; i < alpha.data.length; i++) {
    const x = i % width;
    const share = x < from ? 0 : x === from ? 128 : 255;
    alpha.data[i] = share;
    image.data.set(share === 0 ? GROUND : share === 255 ? PRODUCT : [90, 100, 110], i * 3);
  }
  return { image, alpha };
}

const GROUND = [20, 60, 200];
const PRODUCT = [180, 140, 30];

const around = (width: number, height: number, from: number) => {
  const { image, alpha } = halves(width, height, from);
  return surroundings(image, alpha, [0, 0, width, height])!;
};

test.each([
  ['small', 9, 7, 4],
  ['odd', 33, 61, 15],
  ['higher than what is worked on at a time', 41, 300, 20],
])('both colours around an edge are found in every row of a picture: %s', (_, width, height, from) => {
  const { values, numbers, width: columns, height: rows } = around(width, height, from);
  for (let row = 0; row < rows; row++) {
    const at = numbers[row * columns + (from >> 1)] * VALUES;
    const [red, green, blue, spread, ...ground] = values.subarray(at, at + VALUES);
    // The soft pixels count for a thousandth of the others.
    [red, green, blue].forEach((value, c) => expect(value).toBeCloseTo(PRODUCT[c], 0));
    ground.slice(0, 3).forEach((value, c) => expect(value).toBeCloseTo(GROUND[c], 0));
    expect(spread).toBeGreaterThanOrEqual(0);
    expect(spread).toBeLessThan(10);
  }
});

test('rows that are alike get like values, wherever they lie', () => {
  const { values, numbers, width: columns, height: rows } = around(41, 300, 20);
  const of = (row: number) => [...values.subarray(...bounds(numbers[row * columns + 10]))];
  const bounds = (number: number): [number, number] => [number * VALUES, (number + 1) * VALUES];
  // Away from the ends, whose larger blocks reach beyond the picture.
  for (let row = 20; row < rows - 20; row++)
    of(row).forEach((value, i) => expect(value).toBeCloseTo(of(20)[i], 1));
});

test('blocks that no soft pixel is near take no part, and a picture without soft pixels has none', () => {
  const { numbers } = around(200, 10, 10);
  expect(numbers[99]).toBe(-1);
  const { image, alpha } = halves(8, 8, 8);
  expect(surroundings(image, alpha, [0, 0, 8, 8])).toBeUndefined();
});
