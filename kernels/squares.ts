// Masks of zeros and ones, made smaller or larger by squares.

/** `to[i] &= to[i + step]` for all that have such a one before `end`; ascending, so that none is read when it is changed. */
// @ts-ignore: decorator
@inline
function narrow(to: usize, end: usize, step: usize): void {
  for (let at = to; at + step < end; at += 16) v128.store(at, v128.and(v128.load(at), v128.load(at + step)));
}

/** Each byte becomes the least of those from it on to `window - 1` further on, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function narrowAll(to: usize, end: usize, window: i32, stride: usize): void {
  let reach = 1;
  for (; reach * 2 <= window; reach *= 2) narrow(to, end, <usize>reach * stride);
  if (window > reach) narrow(to, end, <usize>(window - reach) * stride);
}

/**
 * 1 where the whole square around a pixel, its part inside the picture, is 1.
 * @param mask bytes, 0 or 1; changed in place
 * @param before pixels of the square left of and above the pixel
 * @param after pixels right of it and below
 * @param flip 1: zeros are ones and ones are zeros, in what comes and in what goes
 * @param row scratch, `width + before + after` bytes and 32 more
 * @param rows scratch, `width * (height + before + after)` bytes and 32 more
 */
export function erodeSquares(
  mask: usize,
  width: i32,
  height: i32,
  before: i32,
  after: i32,
  flip: i32,
  row: usize,
  rows: usize,
): void {
  const window = before + after + 1;
  const across = <usize>width;
  const turned = i8x16.splat(<i8>flip);
  // What lies outside of the picture does not count.
  memory.fill(rows, 1, across * <usize>before);
  const first = rows + across * <usize>before;
  for (let y = 0; y < height; y++) {
    const from = mask + across * <usize>y;
    memory.fill(row, 1, across + <usize>(before + after));
    const inside = row + <usize>before;
    for (let x: usize = 0; x < across; x += 16) {
      const bytes = v128.xor(v128.load(from + x), turned);
      if (x + 16 <= across) v128.store(inside + x, bytes);
      else for (let rest = x; rest < across; rest++) store<u8>(inside + rest, load<u8>(from + rest) ^ flip);
    }
    narrowAll(row, row + across + <usize>(before + after), window, 1);
    memory.copy(first + across * <usize>y, row, across);
  }
  const last = first + across * <usize>height;
  memory.fill(last, 1, across * <usize>after);
  narrowAll(rows, last + across * <usize>after, window, across);
  const count = across * <usize>height;
  for (let i: usize = 0; i < count; i += 16) v128.store(mask + i, v128.xor(v128.load(rows + i), turned));
}
