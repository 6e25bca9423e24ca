import { clahe, enhance, rgbToLab } from '../../lib/image';
import reference from '../reference/clahe.json';
import { difference, matte, paint, pixel } from './pictures';

/** The same integers as pattern() in test/reference/clahe.py. */
function pattern(width: number, height: number, channels: number): Uint8Array {
  const out = new Uint8Array(width * height * channels);
  let state = 7n;
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const radius = Math.floor(Math.min(width, height) / 3);
      const inside = (x - (width >> 1)) ** 2 + (y - (height >> 1)) ** 2 < radius ** 2;
      for (let channel = 0; channel < channels; channel++) {
        state = (state * 1103515245n + 12345n) % 2n ** 31n;
        const base = inside ? 200 - 40 * channel : 20 + 30 * channel;
        out[at++] = Math.min(255, base + Math.floor((x * 60) / width) + Number(state >> 26n));
      }
    }
  }
  return out;
}

describe('CLAHE against OpenCV', () => {
  test.each(reference.planes)('gives the same plane at $width x $height', ({ width, height, output }) => {
    const expected = Buffer.from(output, 'base64');
    const { mean, most } = difference(clahe(pattern(width, height, 1), width, height), expected);
    // One level in under 3 of 100 pixels: sums that end on a half are rounded by the last bit of single precision.
    expect(most).toBeLessThanOrEqual(1);
    expect(mean).toBeLessThan(0.03);
  });

  test('gives the same colours through Lab, within the rounding of 8-bit Lab', () => {
    const { width, height, step, output } = reference.color;
    const image = enhance({ data: pattern(width, height, 3), width, height });
    const sample: number[] = [];
    for (let y = 0; y < height; y += step)
      for (let x = 0; x < width; x += step) sample.push(...pixel(image, x, y));
    const { mean, most } = difference(sample, Buffer.from(output, 'base64'));
    expect(mean).toBeLessThan(1);
    expect(most).toBeLessThanOrEqual(6);
  });

  test('converts to the Lab of scikit-image', () => {
    expect(difference(rgbToLab(pattern(16, 12, 3)), reference.lab).most).toBeLessThan(0.05);
  });
});

describe('enhance with a matte', () => {
  const image = paint(160, 120, (x, y) => [60 + ((x * 3 + y) % 40), 70 + ((x + y * 2) % 40), 80]);

  test('leaves what is outside the product exactly as it was', () => {
    const alpha = matte(160, 120, (x) => (x < 80 ? 255 : 0));
    const { data } = enhance(image, alpha);
    const outside = (picture: Uint8Array) => picture.filter((_, at) => alpha.data[Math.floor(at / 3)] === 0);
    expect(outside(data)).toEqual(outside(image.data));
    expect(data).not.toEqual(image.data);
  });

  test('changes soft edges in the measure of their alpha', () => {
    const full = enhance(
      image,
      matte(160, 120, () => 255),
    );
    const half = enhance(
      image,
      matte(160, 120, () => 128),
    );
    const [before, after, between] = [image, full, half].map((picture) => pixel(picture, 10, 10)[0]);
    expect(Math.abs(after - before)).toBeGreaterThan(3);
    expect(Math.abs(between - (before + ((after - before) * 128) / 255))).toBeLessThanOrEqual(1);
  });

  test('is the same in a copy and in place, and wherever else faint alpha is', () => {
    const disc = (x: number, y: number) => Number((x - 90) ** 2 + (y - 70) ** 2 < 30 ** 2);
    const alone = enhance(
      image,
      matte(160, 120, (x, y) => 255 * disc(x, y)),
    );
    // Alpha below a half is not measured: it only makes the product's box larger.
    const corners = matte(160, 120, (x, y) => 255 * disc(x, y) || Number(x % 159 === 0 && y % 119 === 0));
    const own = { ...image, data: image.data.slice() };
    expect(enhance(own, corners, own.data).data).toBe(own.data);
    const product = (picture: Uint8Array) =>
      picture.filter((_, at) => disc(Math.floor(at / 3) % 160, Math.floor(at / 480)));
    expect(product(own.data)).toEqual(product(alone.data));
    expect(product(own.data)).not.toEqual(product(image.data));
  });

  test('does not let the backdrop set the contrast of the product', () => {
    const alpha = matte(160, 120, (x, y) => ((x - 80) ** 2 + (y - 60) ** 2 < 40 ** 2 ? 255 : 0));
    const on = (shade: number) =>
      enhance(
        { ...image, data: image.data.map((value, at) => (alpha.data[Math.floor(at / 3)] ? value : shade)) },
        alpha,
      );
    const [white, black] = [on(255), on(0)];
    const inside = (picture: Uint8Array) => picture.filter((_, at) => alpha.data[Math.floor(at / 3)] > 0);
    expect(inside(white.data)).toEqual(inside(black.data));
  });

  test('keeps hue: a and b of Lab stay', () => {
    const source = paint(64, 64, (x, y) => [90 + x, 100 + ((x * y) % 30), 60 + y]);
    const [before, after] = [source, enhance(source)].map(({ data }) => rgbToLab(data));
    let off = 0;
    for (let at = 0; at < before.length; at += 3) {
      off += Math.abs(before[at + 1] - after[at + 1]) + Math.abs(before[at + 2] - after[at + 2]);
    }
    expect(off / (before.length / 3)).toBeLessThan(1.5);
  });
});
