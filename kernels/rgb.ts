// 16 pixels of RGB, 48 bytes, as three vectors of one channel each, and back.

// @ts-ignore: decorator
@inline
export function reds(at: usize): v128 {
  const a = i8x16.shuffle(v128.load(at), v128.load(at, 16), 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
  return i8x16.shuffle(a, v128.load(at, 32), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
}

// @ts-ignore: decorator
@inline
export function greens(at: usize): v128 {
  const a = i8x16.shuffle(v128.load(at), v128.load(at, 16), 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
  return i8x16.shuffle(a, v128.load(at, 32), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30);
}

// @ts-ignore: decorator
@inline
export function blues(at: usize): v128 {
  const a = i8x16.shuffle(v128.load(at), v128.load(at, 16), 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
  return i8x16.shuffle(a, v128.load(at, 32), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31);
}

// @ts-ignore: decorator
@inline
export function storeRgb(at: usize, r: v128, g: v128, b: v128): void {
  const first = i8x16.shuffle(r, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
  v128.store(at, i8x16.shuffle(first, b, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
  const second = i8x16.shuffle(r, g, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
  v128.store(at, i8x16.shuffle(second, b, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15), 16);
  const third = i8x16.shuffle(r, g, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
  v128.store(at, i8x16.shuffle(third, b, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31), 32);
}
