import { dilate, erode } from '../../lib/matting/squares';

/** A mask with so many ones in ten, always the same. */
function mask(width: number, height: number, tenths: number): Uint8Array {
  let seed = width * 31 + height;
  return Uint8Array.from({ length: width * height }, () => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 16) % 10 < tenths ? 1 : 0;
  });
}

/** Looks at each pixel of each square. */
function slowly(of: Uint8Array, width: number, height: number, before: number, after: number, value: number) {
  return of.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let v = Math.max(0, y - before); v <= Math.min(height - 1, y + after); v++)
      for (let u = Math.max(0, x - before); u <= Math.min(width - 1, x + after); u++)
        if (of[v * width + u] !== value) return 1 - value;
    return value;
  });
}

describe.each([
  [1, 1],
  [5, 40],
  [16, 9],
  [17, 33],
  [70, 50],
])('masks of %i x %i pixels', (width, height) => {
  test.each([
    [0, 0],
    [1, 1],
    [0, 3],
    [4, 0],
    [7, 9],
    [60, 2],
  ])('what is left of ones when a square of %i before and %i behind has to be all ones', (before, after) => {
    const ones = mask(width, height, before + after > 4 ? 9 : 7);
    const left = erode(ones, { width, height }, before, after);
    expect([...left]).toEqual([...slowly(ones, width, height, before, after, 1)]);
  });

  test.each([0, 1, 2, 8, 31])('what squares of %i pixels around ones cover', (reach) => {
    const ones = mask(width, height, 1);
    const covered = dilate(ones, { width, height }, reach);
    expect([...covered]).toEqual([...slowly(ones, width, height, reach, reach, 0)]);
  });
});

test('the mask that comes stays as it is', () => {
  const ones = Uint8Array.of(1, 1, 0, 1);
  erode(ones, { width: 4, height: 1 }, 1);
  dilate(ones, { width: 4, height: 1 }, 1);
  expect([...ones]).toEqual([1, 1, 0, 1]);
});
