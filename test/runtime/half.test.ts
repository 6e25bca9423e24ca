import { fromHalf, toHalf } from '../../lib/runtime';

const half = (value: number) => toHalf(Float32Array.of(value))[0];

describe('half floats', () => {
  test('every half comes back as it was', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
    const back = toHalf(fromHalf(all));
    // NaNs keep being NaN, not their payload.
    const isNaN = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    expect(all.filter((bits) => back[bits] !== bits && !(isNaN(bits) && isNaN(back[bits])))).toHaveLength(0);
  });

  test.each([
    ['one', 1, 0x3c00],
    ['minus two', -2, 0xc000],
    ['the largest', 65504, 0x7bff],
    ['over it', 65520, 0x7c00],
    ['just under that', 65519.996, 0x7bff],
    ['the smallest normal', 2 ** -14, 0x0400],
    ['the smallest', 2 ** -24, 0x0001],
    ['half of it, a tie to even', 2 ** -25, 0x0000],
    ['more than half of it', 1.5 * 2 ** -25, 0x0001],
    ['a tie to even, down', 1 + 2 ** -11, 0x3c00],
    ['a tie to even, up', 1 + 3 * 2 ** -11, 0x3c02],
    ['a carry into the exponent', 2 - 2 ** -12, 0x4000],
    ['minus infinity', -Infinity, 0xfc00],
  ])('%s', (_what, value, bits) => {
    expect(half(value)).toBe(bits);
  });

  test('values are as the standard has them', () => {
    expect([...fromHalf(Uint16Array.of(0x3555, 0x0001, 0x8000, 0x7c00))]).toEqual([
      0.333251953125,
      2 ** -24,
      -0,
      Infinity,
    ]);
  });
});
