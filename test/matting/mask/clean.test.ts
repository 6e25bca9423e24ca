import { cleanMask } from '../../../lib/matting/mask/clean';
import { at, differences, disc, matte } from './mattes';

const SIZE = 512;

describe('cleanMask', () => {
  it('takes haze, specks and pinholes, and leaves a soft ramp as it is', () => {
    const product = matte(SIZE, SIZE, (x, y) => disc(x, y, 200, 256, 130, 60));
    const dirty = matte(SIZE, SIZE, (x, y) => {
      const clean = disc(x, y, 200, 256, 130, 60);
      if (Math.hypot(x - 200, y - 256) < 2.5) return 215;
      if (Math.hypot(x - 470, y - 40) < 9) return 90;
      if (Math.hypot(x - 470, y - 470) < 1.5) return 255;
      return x > 400 ? Math.max(clean, 4 + 6 * Math.sin(x) * Math.sin(y)) : clean;
    });
    expect(differences(product, dirty)).toBeGreaterThan(20_000);
    expect(differences(cleanMask(dirty), product)).toBe(0);
  });

  it('keeps every value of a soft edge, and haze beside it fades out', () => {
    // An edge of 30 pixels that ends in haze of 8, as networks leave it.
    const edge = matte(SIZE, 64, (x) => Math.max(8, 255 - (x - 200) * 8.5));
    const cleaned = cleanMask(edge);
    for (let x = 190; x < 229; x++) expect(at(cleaned, x, 32)).toBe(at(edge, x, 32));
    const tail = [...cleaned.data.subarray(32 * SIZE + 229, 33 * SIZE)];
    expect(tail[tail.length - 1]).toBe(0);
    expect(tail).toEqual([...tail].sort((a, b) => b - a));
    expect(Math.max(...tail.map((value, i) => (i ? tail[i - 1] - value : 0)))).toBeLessThanOrEqual(3);
  });

  it('makes a faintly see-through inside opaque, and lets glass be', () => {
    const level = (value: number) => matte(SIZE, SIZE, (x, y) => (disc(x, y, 256, 256, 200) / 255) * value);
    expect(at(cleanMask(level(247)), 256, 256)).toBe(255);
    expect(differences(cleanMask(level(180)), level(180))).toBe(0);
  });

  it('keeps strands that are apart from the product but near it, and sure pieces that are far', () => {
    const hair = matte(SIZE, SIZE, (x, y) =>
      Math.max(
        disc(x, y, 200, 256, 120),
        Math.abs(y - 256) < 2 && x > 323 && x < 340 && x % 6 > 2 ? 70 : 0,
        disc(x, y, 450, 100, 6),
      ),
    );
    expect(differences(cleanMask(hair), hair)).toBe(0);
  });

  it('keeps real holes, however small', () => {
    const net = matte(SIZE, SIZE, (x, y) => (x % 16 < 4 && y % 16 < 4 ? 0 : disc(x, y, 256, 256, 200)));
    expect(differences(cleanMask(net), net)).toBe(0);
  });

  it('changes nothing the second time', () => {
    let state = 5;
    const noise = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
    const once = cleanMask(
      matte(300, 200, (x, y) => disc(x, y, 140, 100, 60, 20) + (noise() - 0.5) * 40 * Math.sin(x / 50)),
    );
    expect(differences(cleanMask(once), once)).toBe(0);
  });

  it('leaves an empty, a full and a tiny matte as they are, and empties one of haze only', () => {
    for (const value of [0, 255]) {
      for (const [width, height] of [
        [1, 1],
        [1, 40],
        [300, 2],
        [130, 130],
      ]) {
        const flat = matte(width, height, () => value);
        expect(differences(cleanMask(flat), flat)).toBe(0);
      }
    }
    expect(cleanMask(matte(90, 70, (x) => (x % 2) * 11)).data.includes(11)).toBe(false);
  });

  it('stops when the job is cancelled', () => {
    expect(() =>
      cleanMask(
        matte(8, 8, () => 9),
        AbortSignal.abort(),
      ),
    ).toThrow(expect.objectContaining({ code: 'CANCELLED' }));
  });
});
