import { parseColor, rgbToLab } from '../../lib/image';

test.each([
  ['#fff', [255, 255, 255]],
  ['#F4f1eC', [244, 241, 236]],
  ['#08f', [0, 136, 255]],
])('parseColor reads %s', (text, expected) => {
  expect(parseColor(text)).toEqual(expected);
});

test.each(['white', '#12', '#12345g', '123456', ''])('parseColor refuses %j', (text) => {
  expect(() => parseColor(text)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER' }));
});

/** CIE 1976 Lab of an sRGB colour (IEC 61966-2-1) under D65, without any table. */
function exactLab(rgb: number[]): number[] {
  const [r, g, b] = rgb
    .map((byte) => byte / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  const [x, y, z] = [
    (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
    0.2126729 * r + 0.7151522 * g + 0.072175 * b,
    (0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883,
  ].map((t) => (t > 216 / 24389 ? Math.cbrt(t) : (841 / 108) * t + 4 / 29));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test.each([
  [
    [255, 255, 255],
    [100, 0, 0],
  ],
  [
    [0, 0, 0],
    [0, 0, 0],
  ],
  [
    [255, 0, 0],
    [53.24, 80.09, 67.2],
  ],
  [
    [0, 255, 0],
    [87.73, -86.18, 83.18],
  ],
  [
    [0, 0, 255],
    [32.3, 79.19, -107.86],
  ],
])('%j is %j in Lab', (rgb, expected) => {
  const exact = exactLab(rgb);
  const fast = rgbToLab(Uint8Array.from(rgb));
  expected.forEach((value, at) => {
    expect(Math.abs(exact[at] - value)).toBeLessThan(0.05);
    expect(Math.abs(fast[at] - exact[at])).toBeLessThan(0.05);
  });
});

test('colours of every kind are within 0.06 of the exact formula', () => {
  for (let red = 0; red < 256; red += 17) {
    for (let green = 0; green < 256; green += 17) {
      for (let blue = 0; blue < 256; blue += 17) {
        const fast = rgbToLab(Uint8Array.of(red, green, blue));
        const worst = Math.max(
          ...exactLab([red, green, blue]).map((value, at) => Math.abs(fast[at] - value)),
        );
        expect(worst).toBeLessThan(0.06);
      }
    }
  }
});

test('rgbToLab converts as many pixels as asked for', () => {
  expect(rgbToLab(new Uint8Array(30), 4)).toHaveLength(12);
});
