import { decontaminate, multiLevelForeground } from '../../lib/matting';
import { type Colour, compose } from './compose';
import { referencePicture } from './reference-picture';

describe.each([
  ['blur fusion', decontaminate],
  ['multi-level estimation', multiLevelForeground],
])('foreground by %s', (_, estimate) => {
  it('brings edge colours back to the product', () => {
    const orange: Colour = [240, 140, 20];
    const { image, alpha } = compose(
      200,
      150,
      () => orange,
      (x) => [30, 60, 120 + (x >> 2)],
      (x, y) => (50 - Math.hypot(x - 100, y - 75)) / 6 + 0.5,
    );
    const { data } = estimate(image, alpha);
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
    const { data } = estimate(image, alpha);
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
    const { data } = estimate(image, alpha);
    expect(data.length).toBe(width * height * 3);
    // One even colour gives one even foreground.
    expect(data.every((value) => Math.abs(value - data[0]) <= 1)).toBe(true);
  });

  it('refuses a matte of another size', () => {
    const image = { data: new Uint8Array(12), width: 2, height: 2 };
    const alpha = { data: new Uint8Array(6), width: 3, height: 2 };
    expect(() => estimate(image, alpha)).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMETER', message: expect.stringContaining('3 x 2') }),
    );
  });

  it('stops when aborted', () => {
    const { image, alpha } = referencePicture();
    expect(() => estimate(image, alpha, { signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ code: 'CANCELLED' }),
    );
  });
});
