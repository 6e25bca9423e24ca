import { denoise } from '../../lib/image';
import { estimateNoise } from '../../lib/image/noise';
import { paint, quality, randomNumbers } from './pictures';

const clean = paint(500, 450, (x, y) => {
  const disc = (x - 250) ** 2 + (y - 220) ** 2 < 120 ** 2;
  const stripes = disc && x % 40 < 6;
  return stripes ? [40, 40, 60] : disc ? [190, 90, 60 + y / 4] : [120 + x / 10, 130, 140];
});

/** Adds Gaussian noise of standard deviation `sigma`. */
function noisy(sigma: number) {
  const random = randomNumbers(3);
  const { cos, log, PI, sqrt } = Math;
  const data = Uint8Array.from(
    Uint8ClampedArray.from(
      clean.data,
      (value) => value + sigma * sqrt(-2 * log(1 - random())) * cos(2 * PI * random()),
    ),
  );
  return { ...clean, data };
}

test('a clean picture comes back as it was', () => {
  expect(Buffer.from(denoise(clean).data).equals(Buffer.from(clean.data))).toBe(true);
});

test.each([3, 8])('noise of %i levels is measured and mostly taken out', (sigma) => {
  const picture = noisy(sigma);
  const [luma, blueness, redness] = estimateNoise(picture);
  expect(luma / sigma).toBeCloseTo(Math.hypot(0.299, 0.587, 0.114), 1);
  expect(blueness / sigma).toBeCloseTo(Math.hypot(0.168736, 0.331264, 0.5), 1);
  expect(redness / sigma).toBeCloseTo(Math.hypot(0.5, 0.418688, 0.081312), 1);
  const [before, after] = [quality(picture.data, clean.data), quality(denoise(picture).data, clean.data)];
  expect(after - before).toBeGreaterThan(6);
});

test('edges stay sharp', () => {
  const { data } = denoise(noisy(8));
  const level = (x: number) => {
    let sum = 0;
    for (let y = 180; y < 260; y++) sum += data[(y * 500 + x) * 3];
    return sum / 80;
  };
  // A stripe begins at x = 240: 190 before, 40 from there on.
  expect(level(238)).toBeGreaterThan(170);
  expect(level(241)).toBeLessThan(60);
});

test('no seams between working tiles', () => {
  const even = { ...clean, data: noisy(8).data.map((value, at) => value - clean.data[at] + 128) };
  const { data } = denoise(even);
  const step = (x: number) => {
    let sum = 0;
    for (let y = 0; y < 450; y++) sum += Math.abs(data[(y * 500 + x) * 3] - data[(y * 500 + x - 1) * 3]);
    return sum / 450;
  };
  const usual = (step(300) + step(340) + step(420)) / 3;
  expect(step(384)).toBeLessThan(usual * 1.5 + 0.5);
});

test.each([
  [1, 1],
  [3, 50],
  [400, 2],
])('a picture of %i x %i works', (width, height) => {
  expect(denoise(paint(width, height, () => [9, 8, 7])).data).toHaveLength(width * height * 3);
});
