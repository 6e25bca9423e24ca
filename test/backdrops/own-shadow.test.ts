import type { RgbImage } from '../../lib/contracts';
import { bringsShadow, keepsShadow } from '../../lib/backdrops';
import { placed } from './shapes';

const [width, height] = [200, 160];
const disc = (x: number, y: number) => Math.hypot(x - 90, y - 70) < 50;
const flat = (x: number, y: number) => Math.hypot((x - 120) / 60, (y - 118) / 12);

/** A disc on a plain ground; a soft shadow, as strong as `shade` says, lies at its foot, or where `at` puts it. */
function scene(shade: number, { ground = [230, 225, 215], at = flat, tint = [0, 0, 0] } = {}) {
  const { alpha, box } = placed(width, height, disc);
  const photo: RgbImage = { data: new Uint8Array(width * height * 3), width, height };
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      const dark = disc(x, y) ? 0 : shade * Math.max(0, 1 - at(x, y) ** 2);
      if (!disc(x, y)) alpha.data[pixel] = Math.round(255 * dark);
      const color = disc(x, y) ? [150, 60, 40] : ground.map((level, c) => level + (tint[c] - level) * dark);
      photo.data.set(color, pixel * 3);
    }
  }
  return { photo, alpha, box };
}

test('a shadow that a matte kept of its photo is noticed', () => {
  for (const shade of [0.3, 0.5, 0.65]) {
    const { photo, alpha, box } = scene(shade);
    expect(keepsShadow(photo, alpha, box)).toBe(true);
  }
});

test.each<[string, ReturnType<typeof scene>]>([
  ['a cut without one', scene(0)],
  ['a ground too dark to tell', scene(0.5, { ground: [40, 40, 40] })],
  ['a soft part that is no darkened backdrop, such as fur', scene(0.6, { tint: [200, 90, 20] })],
  [
    'grey glass, which darkens the backdrop high and low',
    scene(0.5, { at: (x, y) => Math.hypot((x - 165) / 30, (y - 70) / 50) }),
  ],
])('%s is not taken for one', (_, { photo, alpha, box }) => {
  expect(keepsShadow(photo, alpha, box)).toBe(false);
});

test('a cutout that came with a black soft shadow brings one; without it, or with soft fur, it brings none', () => {
  const cutout = (shade: number, tint: number[]) => {
    const { photo, alpha } = scene(shade);
    for (let pixel = 0; pixel < alpha.data.length; pixel++)
      if (alpha.data[pixel] < 255) photo.data.set(tint, pixel * 3);
    return bringsShadow(photo, alpha);
  };
  expect(cutout(0.5, [0, 0, 0])).toBe(true);
  expect(cutout(0, [0, 0, 0])).toBe(false);
  expect(cutout(0.5, [160, 100, 40])).toBe(false);
});
