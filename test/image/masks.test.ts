import { boundingBox, coverage, feather } from '../../lib/image';
import { matte } from './pictures';

describe('boundingBox', () => {
  test('holds exactly the pixels over the threshold', () => {
    const alpha = matte(30, 20, (x, y) => (x >= 5 && x < 12 && y >= 3 && y < 9 ? 200 : 0));
    expect(boundingBox(alpha)).toEqual([5, 3, 7, 6]);
  });

  test('grows with far-apart parts, whatever their order', () => {
    const alpha = matte(30, 20, (x, y) => ((x === 20 && y === 2) || (x === 4 && y === 15) ? 255 : 0));
    expect(boundingBox(alpha)).toEqual([4, 2, 17, 14]);
  });

  test('leaves out faint haze, unless asked otherwise', () => {
    const alpha = matte(10, 10, (x, y) => (x === 5 && y === 5 ? 255 : 12));
    expect(boundingBox(alpha)).toEqual([5, 5, 1, 1]);
    expect(boundingBox(alpha, 0)).toEqual([0, 0, 10, 10]);
  });

  test('is undefined where nothing is there', () => {
    expect(boundingBox(matte(4, 4, () => 0))).toBeUndefined();
  });
});

test('coverage is the mean alpha', () => {
  expect(coverage(matte(4, 4, () => 255))).toBe(1);
  expect(coverage(matte(4, 4, (x) => (x < 1 ? 255 : 0)))).toBe(0.25);
  expect(coverage(matte(4, 4, () => 51))).toBeCloseTo(0.2);
});

describe('feather', () => {
  const alpha = matte(80, 40, (x) => (x < 40 ? 255 : 0));

  test('makes a soft edge that is centred on the hard one', () => {
    const { data } = feather(alpha, 8);
    const row = [...data.subarray(20 * 80, 21 * 80)];
    expect(row).toEqual([...row].sort((a, b) => b - a));
    expect(Math.abs(row[39] + row[40] - 255)).toBeLessThanOrEqual(1);
    expect(row[36]).toBeGreaterThan(row[40]);
    expect([row[0], row[20], row[60], row[79]]).toEqual([255, 255, 0, 0]);
    // Standard deviation is half the radius: 16 % are left one deviation outside.
    expect(row[44]).toBeGreaterThan(255 * 0.08);
    expect(row[44]).toBeLessThan(255 * 0.2);
  });

  test('radius 0 gives an equal copy', () => {
    const same = feather(alpha, 0);
    expect(same.data).toEqual(alpha.data);
    expect(same.data).not.toBe(alpha.data);
  });
});
