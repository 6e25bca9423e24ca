import { fillHoles } from '../../../lib/matting/mask/holes';
import { at, differences, disc, matte } from './mattes';

/** A disc of 31 400 pixels with holes of 4.5, 1 and 0.04 per cent of it, soft rims about 6 pixels wide. */
const holed = (level: number, ...holes: [number, number, number][]) =>
  matte(240, 240, (x, y) =>
    Math.min(
      (disc(x, y, 120, 120, 100, 20) * level) / 255,
      ...holes.map(([cx, cy, radius]) => ((255 - disc(x, y, cx, cy, radius, 6)) * level) / 255),
    ),
  );
const big: [number, number, number] = [90, 120, 21];
const middle: [number, number, number] = [150, 120, 10];
const tiny: [number, number, number] = [120, 60, 2];

describe('fillHoles', () => {
  it.each([
    [0, holed(255, big, middle, tiny)],
    [0.2, holed(255, big, middle)],
    [2, holed(255, big)],
    [100, holed(255)],
  ])('%d per cent: holes are filled with their rims, or not at all', (percent, expected) => {
    expect(differences(fillHoles(holed(255, big, middle, tiny), percent), expected)).toBe(0);
  });

  it('fills a hole in something translucent with what surrounds it', () => {
    const filled = fillHoles(holed(180, middle), 5);
    expect(Math.abs(at(filled, 150, 120) - 180)).toBeLessThanOrEqual(1);
    expect(Math.max(...filled.data)).toBe(180);
    expect(at(filled, 25, 120)).toBe(at(holed(180), 25, 120));
  });

  it('lets a bay be, and a gap at the frame', () => {
    const bay = matte(120, 120, (x, y) => (Math.abs(y - 60) < 6 && x > 40 ? 0 : disc(x, y, 60, 60, 50)));
    expect(differences(fillHoles(bay, 100), bay)).toBe(0);
    const cut = matte(40, 40, (x, y) => 255 - disc(x, y, 20, 0, 8));
    expect(differences(fillHoles(cut, 100), cut)).toBe(0);
  });

  it('changes nothing the second time, and copes with nothing and with one pixel', () => {
    const once = fillHoles(holed(255, big, middle, tiny), 3);
    expect(differences(fillHoles(once, 3), once)).toBe(0);
    for (const value of [0, 255]) {
      const pixel = matte(1, 1, () => value);
      expect(differences(fillHoles(pixel, 100), pixel)).toBe(0);
    }
  });
});
