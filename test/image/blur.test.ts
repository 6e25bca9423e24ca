import { boxBlur, gaussianBlur } from '../../lib/image';
import { difference, randomNumbers } from './pictures';

const random = randomNumbers();
const width = 37;
const height = 23;
const plane = Float32Array.from({ length: width * height }, () => random() * 255);

/** The definition: mean over the part of the square inside the picture. */
function slowBox(plane: Float32Array, width: number, height: number, radius: number): number[] {
  return Array.from(plane, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    let sum = 0;
    let count = 0;
    for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
      for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++, count++)
        sum += plane[v * width + u];
    }
    return sum / count;
  });
}

test.each([0, 1, 4, 22, 60])(
  'boxBlur with radius %i is the mean over the square inside the picture',
  (radius) => {
    expect(
      difference(boxBlur(plane, width, height, radius), slowBox(plane, width, height, radius)).most,
    ).toBeLessThan(0.001);
  },
);

test('boxBlur of a plane that is larger than what is worked on at a time', () => {
  const [wide, high] = [531, 130];
  const large = Float32Array.from({ length: wide * high }, () => random() * 255);
  const blurred = boxBlur(large, wide, high, 5);
  expect(difference(blurred, slowBox(large, wide, high, 5)).most).toBeLessThan(0.001);
});

test('boxBlur takes bytes as well', () => {
  const bytes = Uint8Array.from(plane);
  expect(boxBlur(bytes, width, height, 3)).toEqual(boxBlur(Float32Array.from(bytes), width, height, 3));
});

test.each([0.4, 1, 2.5, 7])(
  'gaussianBlur with sigma %d has that standard deviation and keeps the sum',
  (sigma) => {
    const size = 101;
    const point = new Float32Array(size * size);
    point[50 * size + 50] = 1;
    const blurred = gaussianBlur(point, size, size, sigma);
    let sum = 0;
    let variance = 0;
    blurred.forEach((value, at) => {
      sum += value;
      variance += value * ((at % size) - 50) ** 2;
    });
    expect(sum).toBeCloseTo(1, 4);
    expect(Math.sqrt(variance)).toBeCloseTo(sigma, 2);
  },
);

test('gaussianBlur leaves an even plane even up to its border', () => {
  expect(
    difference(gaussianBlur(new Float32Array(600).fill(80), 30, 20, 5), Array(600).fill(80)).most,
  ).toBeLessThan(0.01);
});

test('lines of one pixel work', () => {
  expect([...boxBlur(new Float32Array([0, 3, 0]), 3, 1, 1)]).toEqual([1.5, 1, 1.5]);
  expect([...boxBlur(new Float32Array([0, 3, 0]), 1, 3, 1)]).toEqual([1.5, 1, 1.5]);
});
