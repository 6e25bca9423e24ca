import { dropIslands } from '../../../lib/matting/mask/islands';
import { at, differences, disc, matte } from './mattes';

const large = (x: number, y: number) => disc(x, y, 70, 70, 50, 14);
const small = (x: number, y: number) => disc(x, y, 170, 60, 15, 10);
const dot = (x: number, y: number) => disc(x, y, 165, 150, 4, 3);
const draw = (...parts: ((x: number, y: number) => number)[]) =>
  matte(220, 180, (x, y) => Math.max(...parts.map((part) => part(x, y))));

describe('dropIslands', () => {
  it.each([
    [0, draw(large, small, dot)],
    [2, draw(large, small)],
    [20, draw(large)],
    [100, draw(large)],
  ])('%d per cent: pieces stay whole or go whole, soft edges kept', (percent, expected) => {
    expect(differences(dropIslands(draw(large, small, dot), percent), expected)).toBe(0);
  });

  it('takes nothing of a neighbour, even where faint alpha lies between them', () => {
    const bridge = matte(60, 9, (x) => (x < 24 ? 255 - x * 10 : x < 40 ? 5 : x < 44 ? 60 : x < 50 ? 5 : 0));
    const kept = dropIslands(bridge, 50);
    for (let x = 0; x < 24; x++) expect(at(kept, x, 4)).toBe(at(bridge, x, 4));
    for (let x = 36; x < 60; x++) expect(at(kept, x, 4)).toBe(0);
  });

  it('keeps the larger half of two that touch at a corner only as one piece', () => {
    const corner = matte(8, 8, (x, y) => (x < 4 === y < 4 ? 255 : 0));
    expect(differences(dropIslands(corner, 100), corner)).toBe(0);
  });

  it('changes nothing the second time, and copes with nothing and with one pixel', () => {
    const once = dropIslands(draw(large, small, dot), 10);
    expect(differences(dropIslands(once, 10), once)).toBe(0);
    for (const value of [0, 7, 255]) {
      const pixel = matte(1, 1, () => value);
      expect(differences(dropIslands(pixel, 100), pixel)).toBe(0);
    }
    expect(
      dropIslands(
        matte(50, 40, () => 0),
        100,
      ).data.some(Boolean),
    ).toBe(false);
  });
});
