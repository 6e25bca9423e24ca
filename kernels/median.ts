/**
 * The median of a square of neighbours. Parameters as in `convolve`.
 * @param radius of the square, 1 to 7
 */
export function median(padded: usize, stride: i32, bytes: i32, height: i32, radius: i32, out: usize): void {
  const corner = padded - <usize>(radius * stride + radius * 3);
  for (let y = 0; y < height; y++) {
    const row = corner + <usize>(y * stride);
    const to = out + <usize>(y * bytes);
    for (let i = 0; i < bytes; i += 16) {
      v128.store(to + i, radius == 1 ? ofNine(row + i, stride) : ofSquare(row + i, stride, 2 * radius + 1));
    }
  }
}

/**
 * Of 3 x 3: columns sorted, then the middle one of the highest low, the middle middle and the lowest high.
 * Method: J. L. Smith, "Implementing median filters in XC4000E FPGAs", Xcell 23, 1996.
 */
// @ts-ignore: decorator
@inline
function ofNine(corner: usize, stride: i32): v128 {
  let low = i8x16.splat(0);
  let high = i8x16.splat(-1);
  let a = low;
  let b = low;
  let c = low;
  for (let column: usize = 0; column < 9; column += 3) {
    const x = v128.load(corner + column);
    const y = v128.load(corner + column + stride);
    const z = v128.load(corner + column + 2 * stride);
    const less = i8x16.min_u(x, y);
    const more = i8x16.max_u(x, y);
    const rest = i8x16.max_u(less, i8x16.min_u(more, z));
    low = i8x16.max_u(low, i8x16.min_u(less, z));
    high = i8x16.min_u(high, i8x16.max_u(more, z));
    a = b;
    b = c;
    c = rest;
  }
  return middle(low, middle(a, b, c), high);
}

// @ts-ignore: decorator
@inline
function middle(a: v128, b: v128, c: v128): v128 {
  const less = i8x16.min_u(a, b);
  return i8x16.max_u(less, i8x16.min_u(i8x16.max_u(a, b), c));
}

/** Bit by bit from the highest: more than half of all must not lie below it. */
function ofSquare(corner: usize, stride: i32, side: i32): v128 {
  const half = i8x16.splat(<i8>((side * side) >> 1));
  let found = i8x16.splat(0);
  for (let bit = 128; bit > 0; bit >>= 1) {
    const tried = v128.or(found, i8x16.splat(<i8>bit));
    let count = i8x16.splat(0);
    for (let v = 0; v < side; v++) {
      const line = corner + <usize>(v * stride);
      for (let u = 0; u < side; u++) {
        count = i8x16.sub(count, i8x16.ge_u(v128.load(line + <usize>(u * 3)), tried));
      }
    }
    found = v128.bitselect(tried, found, i8x16.gt_u(count, half));
  }
  return found;
}
