import { decontaminate } from '../../lib/matting/decontaminate';
import { type Colour, compose } from './compose';
import reference from '../reference/blur_fusion.json';

/** The picture of test/reference/blur_fusion.py. */
function referencePicture() {
  return compose(
    reference.width,
    reference.height,
    (x, y) => [x < 80 ? 200 : 40, 60 + (y % 32), 90],
    (x, y) => [150 + Math.floor(x / 4), 160 + Math.floor(y / 4), 140 + Math.floor(x / 8)],
    (x, y) => (44 - Math.hypot(x - 80, y - 60)) / 8 + 0.5,
  );
}

describe('decontaminate', () => {
  it('agrees with its formulas written straight in numpy', () => {
    const { image, alpha } = referencePicture();
    const { data } = decontaminate(image, alpha);
    let sum = 0;
    let most = 0;
    for (const [x, y, ...colour] of reference.samples) {
      colour.forEach((value, c) => {
        const off = Math.abs(data[(y * image.width + x) * 3 + c] - value);
        sum += off;
        most = Math.max(most, off);
      });
    }
    expect(reference.samples.length).toBeGreaterThan(100);
    expect(sum / (reference.samples.length * 3)).toBeLessThan(0.3);
    // Half a level is rounding.
    expect(most).toBeLessThan(0.6);
  });

  it('brings edge colours back to the product', () => {
    const orange: Colour = [240, 140, 20];
    const { image, alpha } = compose(
      200,
      150,
      () => orange,
      (x) => [30, 60, 120 + (x >> 2)],
      (x, y) => (50 - Math.hypot(x - 100, y - 75)) / 6 + 0.5,
    );
    const { data } = decontaminate(image, alpha);
    let before = 0;
    let after = 0;
    for (let i = 0; i < alpha.data.length; i++) {
      if (alpha.data[i] < 13 || alpha.data[i] > 242) continue;
      for (let c = 0; c < 3; c++) {
        before += Math.abs(image.data[i * 3 + c] - orange[c]);
        after += Math.abs(data[i * 3 + c] - orange[c]);
      }
    }
    expect(before).toBeGreaterThan(10 * after);
  });

  it('leaves opaque pixels alone, clears hidden ones, and keeps its input', () => {
    const { image, alpha } = referencePicture();
    const [pixels, matte] = [image.data.slice(), alpha.data.slice()];
    const { data } = decontaminate(image, alpha);
    let wrong = 0;
    data.forEach((value, at) => {
      const opacity = matte[Math.floor(at / 3)];
      if (opacity === 255 && value !== pixels[at]) wrong++;
      if (opacity === 0 && value !== 0) wrong++;
    });
    expect(wrong).toBe(0);
    expect(image.data).toEqual(pixels);
    expect(alpha.data).toEqual(matte);
  });

  it.each([
    [1, 1],
    [2, 2],
    [3000, 2],
    [2, 700],
  ])('takes pictures of %i x %i pixels, soft everywhere', (width, height) => {
    const image = { data: new Uint8Array(width * height * 3).fill(90), width, height };
    const alpha = { data: new Uint8Array(width * height).fill(100), width, height };
    const { data } = decontaminate(image, alpha);
    expect(data.length).toBe(width * height * 3);
    // One even colour is its own foreground.
    expect(data.every((value) => Math.abs(value - 90) <= 1)).toBe(true);
  });

  it('refuses a matte of another size', () => {
    const image = { data: new Uint8Array(12), width: 2, height: 2 };
    const alpha = { data: new Uint8Array(6), width: 3, height: 2 };
    expect(() => decontaminate(image, alpha)).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMETER', message: expect.stringContaining('3 x 2') }),
    );
  });

  it('stops when aborted', () => {
    const { image, alpha } = referencePicture();
    expect(() => decontaminate(image, alpha, { signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ code: 'CANCELLED' }),
    );
  });
});
