import type { Alpha } from '../../lib/contracts';
import { closerBox, placeCloser } from '../../lib/matting/combine';

/** A matte with a rectangle in it. */
function matte(width: number, height: number, [left, top, across, down]: number[], value = 255): Alpha {
  const data = new Uint8Array(width * height);
  for (let y = top; y < top + down; y++) data.fill(value, y * width + left, y * width + left + across);
  return { data, width, height };
}

describe('where to look closer', () => {
  const photo = { width: 1000, height: 800 };

  test('is around the product, with room to every side', () => {
    const [left, top, width, height] = closerBox(matte(100, 100, [40, 50, 20, 10]), photo)!;
    // The product is at 400..600 and 400..480; its longer side is 200.
    expect([left, top, width, height]).toEqual([370, 370, 260, 140]);
  });

  test('stays inside of the photo', () => {
    expect(closerBox(matte(100, 100, [0, 0, 20, 20]), photo)).toEqual([0, 0, 230, 190]);
  });

  test.each([
    ['the product fills the photo', matte(100, 100, [5, 5, 90, 90])],
    ['nothing was seen', matte(100, 100, [40, 40, 20, 20], 60)],
  ])('is nowhere when %s', (_, first) => {
    expect(closerBox(first, photo)).toBeUndefined();
  });
});

test('a closer look replaces the first one in its box only, both at the size that is asked for', async () => {
  const first = matte(50, 50, [20, 20, 10, 10]);
  const closer = matte(60, 60, [0, 0, 60, 60], 90);
  const work = { width: 200, height: 100, scale: 4 };
  const [whole, second] = await placeCloser(first, closer, [160, 80, 240, 120], work);
  expect([whole.width, whole.height, second.width, second.height]).toEqual([200, 100, 200, 100]);
  for (let y = 0; y < 100; y++)
    for (let x = 0; x < 200; x++) {
      const inBox = x >= 40 && x < 100 && y >= 20 && y < 50;
      expect(second.data[y * 200 + x]).toBe(inBox ? 90 : whole.data[y * 200 + x]);
    }
});
