import { DRAWN_BACKDROPS, type DrawnBackdrop, type LookInput, SURFACES } from '../../lib/contracts';
import { BACKDROPS, lookOf } from '../../lib/backdrops';
import { SURFACES as MATERIALS } from '../../lib/backdrops/surfaces';
import type { Material } from '../../lib/backdrops/surfaces/types';
import { LINEAR } from '../../lib/image';

const frame = { width: 160, height: 120 };
const foot = { x: 80, y: 100, width: 60, height: 70 };
const picture = { data: new Uint8Array(40 * 80 * 3), width: 40, height: 80 };
// Red above green.
for (let at = 0; at < picture.data.length; at += 3)
  picture.data[at + (at < picture.data.length / 2 ? 0 : 1)] = 200;

async function draw(name: DrawnBackdrop, look: LookInput = {}, seed = 1): Promise<Float32Array> {
  const backdrop = await BACKDROPS[name]({ ...frame, look: lookOf(name, look), seed, foot, picture });
  const all = new Float32Array(frame.width * frame.height * 3);
  for (let y = 0; y < frame.height; y++) {
    backdrop.paint(y, all.subarray(y * frame.width * 3, (y + 1) * frame.width * 3));
  }
  return all;
}

const looks: [DrawnBackdrop, LookInput][] = [
  ...DRAWN_BACKDROPS.map((name): [DrawnBackdrop, LookInput] => [name, {}]),
  ...SURFACES.map((surface): [DrawnBackdrop, LookInput] => [
    'studio',
    { surface, colors: ['#d0c8c0', '#e0d8d0', '#705040'] },
  ]),
];

test.each(looks)('%s %j fills its frame with light, the same for the same seed', async (name, look) => {
  const one = await draw(name, look);
  expect(one.every((light) => light >= 0 && light <= 1.0001)).toBe(true);
  expect(one.some((light) => light > 0.01)).toBe(true);
  expect(await draw(name, look)).toEqual(one);
});

test('color is that colour, exactly', async () => {
  const all = await draw('color', { colors: ['#f4f1ec'] });
  for (let at = 0; at < all.length; at += 3) {
    expect([...all.subarray(at, at + 3)]).toEqual([LINEAR[0xf4], LINEAR[0xf1], LINEAR[0xec]]);
  }
});

test('a gradient runs from the first colour to the second', async () => {
  const all = await draw('gradient', { colors: ['#000000', '#ffffff'] });
  const rows = Array.from({ length: frame.height }, (_, y) => all[y * frame.width * 3]);
  expect([rows[0], rows[frame.height - 1]]).toEqual([0, 1]);
  rows.slice(1).forEach((light, y) => expect(light).toBeGreaterThanOrEqual(rows[y]));
});

test('a white studio is white where the product stands, and falls off to its corners', async () => {
  const all = await draw('studio', { colors: ['#ffffff'] });
  const at = (x: number, y: number) => all[(y * frame.width + x) * 3];
  expect(at(80, 99)).toBeGreaterThan(0.97);
  expect(at(0, 0)).toBeLessThan(at(60, 40));
  expect(at(0, 0)).toBeGreaterThan(0.8);
});

test('a picture covers the frame around its focus', async () => {
  const middle = (all: Float32Array) => [...all.subarray((60 * 160 + 80) * 3, (60 * 160 + 80) * 3 + 2)];
  expect(middle(await draw('image', { focus: [0.5, 0.1] }))).toEqual([LINEAR[200], 0]);
  expect(middle(await draw('image', { focus: [0.5, 0.9] }))).toEqual([0, LINEAR[200]]);
});

test('without a picture there is none', () => {
  const draw = async () => BACKDROPS.image({ ...frame, look: lookOf('image'), seed: 1, foot });
  return expect(draw()).rejects.toMatchObject({ code: 'INVALID_PARAMETER' });
});

describe.each(Object.entries(MATERIALS))('%s', (_, material) => {
  const look: Omit<Material, 'length'> = { base: [0.8, 0.8, 0.8], accent: [0.1, 0.1, 0.1], seed: 3 };
  /** Light along a row of the material, in fine steps. */
  const line = (x: number, y: number, length = 400, step = 0.002) => {
    const out = new Float32Array(3 * length);
    material!({ ...look, length })({ x, y, step, pixel: step }, out);
    return out.filter((_, at) => at % 3 === 0);
  };

  test('nowhere repeats: no shift makes one stretch like another', () => {
    const one = line(0.1, 0.31);
    for (let shift = 1; shift <= 6; shift++) {
      expect(likeness(one, line(0.1 + shift, 0.31))).toBeLessThan(0.8);
      expect(likeness(one, line(0.1, 0.31 + 1.05 * shift))).toBeLessThan(0.8);
    }
  });

  test('is the same however its rows are divided', () => {
    const whole = line(-3.1, 0.47, 3000);
    for (const at of [0, 1, 777, 1300, 2999])
      expect(line(-3.1 + at * 0.002, 0.47, 1)[0]).toBeCloseTo(whole[at], 3);
  });

  test('has no seam: nothing of it breaks off at whole numbers, where tiles would', () => {
    const steps = (from: number) => {
      const light = line(from, 0.31, 200, 0.0005);
      return light.slice(1).map((value, at) => Math.abs(value - light[at]));
    };
    const seam = Math.max(...[-2, -1, 0, 1, 2].flatMap((at) => [...steps(at - 0.05)]));
    const elsewhere = Math.max(...[-1.62, -0.41, 0.37, 0.63, 1.43, 2.3].flatMap((at) => [...steps(at)]));
    expect(seam).toBeLessThan(2 * elsewhere + 0.02);
  });

  test('what is far away is out of focus, not noise', () => {
    const spread = (pixel: number) => {
      const values = Array.from(
        { length: 300 },
        (_, index) => line(index * 0.31, 40 + (index % 7), 1, pixel)[0],
      );
      const mean = values.reduce((sum, value) => sum + value) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    };
    expect(spread(0.3)).toBeLessThanOrEqual(spread(0.0005));
  });
});

/** Correlation of two lines, -1..1. */
function likeness(one: Float32Array, other: Float32Array): number {
  const centred = (line: Float32Array) => {
    const mean = line.reduce((sum, value) => sum + value, 0) / line.length;
    return line.map((value) => value - mean);
  };
  const [a, b] = [centred(one), centred(other)];
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, at) => sum + value * y[at], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b) || 1);
}
