import { labPixelToRgb, parseColor, rgbPixelToLab, rgbToLab } from '../../lib/image';

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
  const exact = rgbPixelToLab(rgb[0], rgb[1], rgb[2]);
  const fast = rgbToLab(Uint8Array.from(rgb));
  expected.forEach((value, at) => {
    expect(Math.abs(exact[at] - value)).toBeLessThan(0.05);
    expect(Math.abs(fast[at] - exact[at])).toBeLessThan(0.05);
  });
});

test('every colour comes back from Lab', () => {
  for (let red = 0; red < 256; red += 51) {
    for (let green = 0; green < 256; green += 51) {
      for (let blue = 0; blue < 256; blue += 51) {
        expect(labPixelToRgb(...rgbPixelToLab(red, green, blue))).toEqual([red, green, blue]);
      }
    }
  }
});

test('rgbToLab converts as many pixels as asked for', () => {
  expect(rgbToLab(new Uint8Array(30), 4)).toHaveLength(12);
});
