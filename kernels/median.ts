/**
 * The median of a square of neighbours, bit by bit from the highest: as many of them as half must not lie below.
 * Parameters as in `convolve`.
 * @param radius of the square, 1 to 7
 */
export function median(padded: usize, stride: i32, bytes: i32, height: i32, radius: i32, out: usize): void {
  const side = 2 * radius + 1;
  const half = i8x16.splat(<i8>((side * side) >> 1));
  const corner = padded - <usize>(radius * stride + radius * 3);
  for (let y = 0; y < height; y++) {
    const row = corner + <usize>(y * stride);
    const to = out + <usize>(y * bytes);
    for (let i = 0; i < bytes; i += 16) {
      let found = i8x16.splat(0);
      for (let bit = 128; bit > 0; bit >>= 1) {
        const tried = v128.or(found, i8x16.splat(<i8>bit));
        let count = i8x16.splat(0);
        for (let v = 0; v < side; v++) {
          const line = row + i + <usize>(v * stride);
          for (let u = 0; u < side; u++) {
            count = i8x16.sub(count, i8x16.ge_u(v128.load(line + <usize>(u * 3)), tried));
          }
        }
        found = v128.bitselect(tried, found, i8x16.gt_u(count, half));
      }
      v128.store(to + i, found);
    }
  }
}
