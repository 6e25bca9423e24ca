import { execute } from '../../lib/augmentation/execute';
import { elasticField } from '../../lib/augmentation/transforms/elastic';
import type { Effect } from '../../lib/augmentation/types';
import type { RgbImage } from '../../lib/contracts';
import { difference } from '../image/pictures';
import reference from '../reference/augmentation.json';
import { CLOSE, EXACT, effectsOf, moments, shareBeyond } from './cases';

const { width, height } = reference;
const BLACK = { kind: 'color', color: [0, 0, 0] } as const;

/** The same numbers as pattern() in test/reference/augmentation.py. */
function pattern(): RgbImage {
  const data = new Uint8Array(width * height * 3);
  let state = 7n;
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = (x - 22) ** 2 + (y - 15) ** 2 < 100;
      for (let channel = 0; channel < 3; channel++) {
        state = (state * 1103515245n + 12345n) % 2n ** 31n;
        let base = inside ? 210 - 50 * channel : 20 + 40 * channel + 3 * x;
        if ((x >> 2) % 5 === (y >> 3) % 3) base = 255 - base;
        data[at++] = Math.max(0, Math.min(255, base + Number(state >> 27n)));
      }
    }
  }
  return { data, width, height };
}

const image = pattern();
const cases = Object.entries(reference.cases).map(([name, { parameters, output }]) => ({
  name,
  parameters,
  expected: new Uint8Array(Buffer.from(output, 'base64')),
}));

describe('against albumentations 2.0.8 and OpenCV, on a small picture', () => {
  const kind = (name: string) => name.split(' ')[0];

  test.each(cases.filter(({ name }) => kind(name) in EXACT))(
    '$name, exactly',
    ({ name, parameters, expected }) => {
      const found = execute(EXACT[kind(name)](parameters, image), image, BLACK).image;
      expect(difference(found.data, expected).most).toBe(0);
      expect(difference(image.data, expected).mean).toBeGreaterThan(1);
    },
  );

  test.each(cases.filter(({ name }) => kind(name) in CLOSE))(
    '$name, within two levels',
    ({ name, parameters, expected }) => {
      const found = execute(CLOSE[kind(name)](parameters, image), image, BLACK).image;
      // The library's crop ends at its border, ours goes on with the pixels that are there.
      expect(shareBeyond(found.data, expected, 2)).toBeLessThanOrEqual(name === 'resized_crop' ? 0.005 : 0);
      expect(difference(image.data, expected).mean).toBeGreaterThan(1);
    },
  );

  test('every case is compared, but for JPEG', () => {
    expect(
      cases.filter(({ name }) => !(kind(name) in EXACT || kind(name) in CLOSE)).map(({ name }) => name),
    ).toEqual(['jpeg']);
  });

  test('jpeg: what it loses is the same', () => {
    const { expected } = cases.find(({ name }) => name === 'jpeg')!;
    const found = execute(effectsOf('jpeg', { quality: 60 }, image), image, BLACK).image;
    // A coefficient at a half may go the other way, and one of colour changes all of so small a picture.
    expect(difference(found.data, expected).mean).toBeLessThan(0.2 * difference(image.data, expected).mean);
  });
});

describe('noise is as strong as that of albumentations', () => {
  const SIDE = 256;
  const flat = (level: number): RgbImage => ({
    data: new Uint8Array(SIDE * SIDE * 3).fill(level),
    width: SIDE,
    height: SIDE,
  });
  const added = (picture: RgbImage, effects: Effect[]) => {
    const { data } = execute(effects, picture, BLACK).image;
    return moments(Array.from(data, (value, at) => value - picture.data[at]));
  };
  const check = (found: ReturnType<typeof moments>, name: keyof typeof reference.noise, within = 0.02) => {
    const { mean, deviation } = reference.noise[name];
    expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan(within);
    expect(Math.abs(found.mean - mean)).toBeLessThan(0.1 + within * deviation);
  };

  test.each([40, 128, 220] as const)('on a level of %d', (level) => {
    const picture = flat(level);
    const gauss = { deviation: 0.05, mean: 0, color: 'each', seed: 3 } as const;
    check(added(picture, effectsOf('gauss-noise', gauss, picture)), `gauss ${level}`);
    for (const scale of [0.002, 0.1] as const) {
      check(added(picture, effectsOf('shot-noise', { scale, seed: 4 }, picture)), `shot ${scale} ${level}`);
    }
    const times = { strength: 0.1, per: 'value', seed: 5 } as const;
    check(added(picture, effectsOf('multiplicative-noise', times, picture)), `multiplicative ${level}`);
  });

  test('of a sensor', () => {
    const rows = Array.from({ length: 8 * height }, (_, y) =>
      Array(8).fill([...image.data.subarray((y % height) * width * 3, ((y % height) + 1) * width * 3)]),
    );
    const tiled = { data: Uint8Array.from(rows.flat(2)), width: 8 * width, height: 8 * height };
    check(
      added(tiled, effectsOf('iso-noise', { intensity: 0.4, color_shift: 0.05, seed: 6 }, tiled)),
      'iso',
      0.05,
    );
  });

  test('is another one in each row, channel and picture', () => {
    const picture = flat(128);
    const gauss = (seed: number) => {
      const drawn = { deviation: 0.05, mean: 0, color: 'each', seed } as const;
      return execute(effectsOf('gauss-noise', drawn, picture), picture, BLACK).image.data.map(
        (value) => value,
      );
    };
    const [a, b] = [gauss(1), gauss(2)].map((data) => Float64Array.from(data, (value) => value - 128));
    const alike = (first: ArrayLike<number>, second: ArrayLike<number>) => {
      let [sum, power] = [0, 0];
      for (let at = 0; at < first.length; at++) {
        sum += first[at] * (second[at] ?? 0);
        power += first[at] ** 2;
      }
      return Math.abs(sum / power);
    };
    for (const lag of [1, 2, 3, 6, 3 * SIDE, 3 * SIDE + 3])
      expect(alike(a, a.subarray(lag))).toBeLessThan(0.02);
    expect(alike(a, b)).toBeLessThan(0.02);
  });
});

test.each([6, 12] as const)('rubber of a smoothness of %d pixels is as strong and as smooth', (sigma) => {
  const expected = reference.elastic[sigma];
  const found: number[][] = [[], []];
  const all: number[] = [];
  for (let seed = 0; seed < 8; seed++) {
    const { across, columns, rows, step } = elasticField(
      { width: 256, height: 256 },
      expected.deviation,
      sigma,
      seed,
    );
    all.push(...across);
    [1, 2].forEach((times, which) => {
      const lag = Math.round((times * sigma) / step);
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x + lag < columns; x++)
          found[which].push(across[y * columns + x] * across[y * columns + x + lag]);
      }
    });
  }
  const { deviation } = moments(all);
  expect(Math.abs(deviation / expected.deviation - 1)).toBeLessThan(0.05);
  found.forEach((products, which) => {
    expect(Math.abs(moments(products).mean / deviation ** 2 - expected.alike[which])).toBeLessThan(0.06);
  });
});
