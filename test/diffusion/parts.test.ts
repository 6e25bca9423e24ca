import type { Alpha } from '../../lib/contracts';
import { expansionOf } from '../../lib/diffusion';
import { keptCells, putBack } from '../../lib/diffusion/keep';
import { drawnSize } from '../../lib/diffusion/size';

/** A matte with boxes `[left, top, right, bottom]` of product. */
function matte(width: number, height: number, ...boxes: [number, number, number, number][]): Alpha {
  const data = new Uint8Array(width * height);
  for (const [left, top, right, bottom] of boxes)
    for (let y = top; y < bottom; y++) data.fill(255, y * width + left, y * width + right);
  return { data, width, height };
}

describe('what grows out of a product', () => {
  const product = matte(40, 40, [10, 10, 20, 20]);

  test.each<[string, Alpha, number]>([
    ['nothing, where the same is found', product, 0],
    ['nothing, where less is found', matte(40, 40, [12, 12, 18, 18]), 0],
    ['nothing, where nothing is found', matte(40, 40), 0],
    ['a lid on it', matte(40, 40, [10, 5, 20, 20]), 0.5],
    ['not what stands apart', matte(40, 40, [10, 10, 20, 20], [30, 30, 40, 40]), 0],
    ['a second one that touches it', matte(40, 40, [10, 10, 30, 20]), 1],
  ])('%s', (_, found, expected) => {
    expect(expansionOf(product, found)).toBeCloseTo(expected);
  });

  test('no product, no growth', () => {
    expect(expansionOf(matte(40, 40), product)).toBe(0);
  });
});

describe('what stays', () => {
  test('every cell that the product touches', () => {
    expect([...keptCells(matte(32, 16, [7, 0, 9, 1], [31, 15, 32, 16]), 8)]).toEqual([
      1, 1, 0, 0, 0, 0, 0, 1,
    ]);
    const faint = matte(16, 8, [0, 0, 8, 8]);
    faint.data.fill(127, 0, 8);
    expect([...keptCells({ ...faint, data: faint.data.map((value) => Math.min(value, 127)) }, 8)]).toEqual([
      0, 0,
    ]);
  });

  test('is put back in each channel', () => {
    const [drawn, kept] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)];
    expect([...putBack(drawn, kept, Uint8Array.of(1, 0))]).toEqual([5, 2, 7, 4]);
  });
});

test.each([
  [
    { width: 500, height: 500 },
    { width: 1024, height: 1024 },
  ],
  [
    { width: 4000, height: 3000 },
    { width: 1152, height: 896 },
  ],
  [
    { width: 1080, height: 1920 },
    { width: 768, height: 1344 },
  ],
  [
    { width: 16_384, height: 16 },
    { width: 2048, height: 512 },
  ],
])('a frame of %j is drawn as %j', (frame, expected) => {
  expect(drawnSize({ size: 1024, multiple: 64 }, frame)).toEqual(expected);
});

test('a graph of a fixed size draws that only', () => {
  const fixed = { width: 640, height: 512 };
  expect(drawnSize({ size: 512, multiple: 64, fixed }, { width: 3, height: 4 })).toBe(fixed);
});
