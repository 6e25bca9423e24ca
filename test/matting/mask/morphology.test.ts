import { growMask, smoothMask } from '../../../lib/matting/mask/morphology';
import { at, differences, disc, matte, sum } from './mattes';

const radiusOf = (mask: Parameters<typeof sum>[0]) => Math.sqrt(sum(mask) / 255 / Math.PI);
const circle = (radius: number, softness = 1) =>
  matte(260, 240, (x, y) => disc(x, y, 130, 120, radius, softness));

describe('growMask', () => {
  it.each([-30, -12.5, -3, -0.5, 0.5, 1, 2, 7.3, 20, 40])('moves a round edge by %d pixels', (pixels) => {
    expect(Math.abs(radiusOf(growMask(circle(60), pixels)) - 60 - pixels)).toBeLessThan(0.35);
  });

  it.each([-9, -1.5, 2, 6.5])('moves a soft straight edge by %d pixels and keeps its softness', (pixels) => {
    const edge = (place: number) => matte(200, 9, (x) => (place - x) * 8 + 127.5);
    const moved = growMask(edge(100), pixels);
    const expected = edge(100 + pixels);
    let most = 0;
    moved.data.forEach((value, i) => (most = Math.max(most, Math.abs(value - expected.data[i]))));
    expect(most).toBeLessThanOrEqual(Number.isInteger(pixels) ? 0 : 4);
  });

  it('grows by a disc: as far in every direction', () => {
    const grown = growMask(
      matte(161, 161, (x, y) => (x === 80.5 && y === 80.5 ? 255 : 0)),
      50,
    );
    for (let y = 0; y < 161; y++) {
      for (let x = 0; x < 161; x++) {
        const distance = Math.hypot(x - 80, y - 80);
        if (distance < 49.7) expect(at(grown, x, y)).toBe(255);
        if (distance > 50.8) expect(at(grown, x, y)).toBe(0);
      }
    }
  });

  it('leaves what the frame cuts off at the frame', () => {
    const half = matte(100, 80, (x) => (x < 50 ? 255 : 0));
    const shrunk = growMask(half, -10);
    expect([0, 39, 40].map((x) => at(shrunk, x, 0))).toEqual([255, 255, 0]);
  });

  it('0 leaves all as it is; nothing stays nothing; a pixel stays a pixel', () => {
    expect(differences(growMask(circle(60, 9), 0), circle(60, 9))).toBe(0);
    expect(
      growMask(
        matte(150, 70, () => 0),
        50,
      ).data.some(Boolean),
    ).toBe(false);
    for (const pixels of [-50, 50])
      expect([
        ...growMask(
          matte(1, 1, () => 99),
          pixels,
        ).data,
      ]).toEqual([99]);
  });

  it('stops when the job is cancelled', () => {
    expect(() => growMask(circle(60), 4, AbortSignal.abort())).toThrow(
      expect.objectContaining({ code: 'CANCELLED' }),
    );
  });
});

describe('smoothMask', () => {
  const hairy = () =>
    matte(260, 240, (x, y) => {
      if (Math.abs(y - 120) < 2) return 255 * Number(x < 250);
      if (Math.abs(x - 130) < 2 && y < 100) return 0;
      return disc(x, y, 130, 120, 70);
    });

  it('takes hairs off and fills slits that are narrower than the disc', () => {
    const smooth = smoothMask(hairy(), 4);
    expect(at(hairy(), 240, 120)).toBe(255);
    expect(at(smooth, 240, 120)).toBe(0);
    expect(at(hairy(), 130, 80)).toBe(0);
    expect(at(smooth, 130, 80)).toBe(255);
    expect(Math.abs(radiusOf(smooth) - 70)).toBeLessThan(0.5);
  });

  it('keeps what is wider, and the softness of edges', () => {
    expect(at(smoothMask(hairy(), 1), 240, 120)).toBe(255);
    const soft = circle(70, 16);
    const smooth = smoothMask(soft, 5);
    let most = 0;
    smooth.data.forEach((value, i) => (most = Math.max(most, Math.abs(value - soft.data[i]))));
    expect(most).toBeLessThanOrEqual(16);
  });

  it('changes nothing the second time with a whole radius', () => {
    const once = smoothMask(hairy(), 4);
    expect(differences(smoothMask(once, 4), once)).toBe(0);
  });

  it('a half radius lies between its neighbours', () => {
    const [one, between, two] = [2, 2.5, 3].map((radius) => sum(smoothMask(hairy(), radius)));
    expect((between - one) * (two - between)).toBeGreaterThanOrEqual(0);
    expect(Math.abs(between - (one + two) / 2)).toBeLessThan(0.001 * one);
  });

  it('stops when the job is cancelled', () => {
    expect(() => smoothMask(circle(60), 4, AbortSignal.abort())).toThrow(
      expect.objectContaining({ code: 'CANCELLED' }),
    );
  });
});
