// How much fine detail a picture has.

/**
 * Luma with the weights of ITU-R BT.601.
 * @param data RGB
 * @param grey out: f32
 */
export function greyOf(data: usize, pixels: i32, grey: usize): void {
  const end = data + <usize>pixels * 3;
  for (let at = data; at < end; at += 3) {
    const red = <f32>load<u8>(at);
    const green = <f32>load<u8>(at, 1);
    const blue = <f32>load<u8>(at, 2);
    store<f32>(grey, <f32>0.299 * red + <f32>0.587 * green + <f32>0.114 * blue);
    grey += 4;
  }
}

/**
 * Makes a grey picture smaller: means over the pixels that fall onto each pixel of the other, at least one each way.
 * @param grey f32
 * @param out `across` x `down` bytes
 */
export function shrinkGrey(
  grey: usize,
  width: i32,
  height: i32,
  across: i32,
  down: i32,
  out: usize,
): void {
  for (let row = 0; row < down; row++) {
    const top = (row * height) / down;
    const bottom = max(top + 1, ((row + 1) * height) / down);
    for (let column = 0; column < across; column++) {
      const left = (column * width) / across;
      const right = max(left + 1, ((column + 1) * width) / across);
      let sum: f32 = 0;
      for (let y = top; y < bottom; y++) {
        const end = grey + ((<usize>(y * width + right)) << 2);
        for (let at = grey + ((<usize>(y * width + left)) << 2); at < end; at += 4) sum += load<f32>(at);
      }
      store<u8>(out, <u8>(sum / <f32>((right - left) * (bottom - top)) + <f32>0.5));
      out++;
    }
  }
}

/**
 * Sums of the Laplacian and of its squares by square cells of `side` pixels, the picture's border left out.
 * @param grey f32
 * @param columns cells of a row
 * @param sums f32 a cell, to which is added; so are the squares
 */
export function sumDetail(
  grey: usize,
  width: i32,
  height: i32,
  side: i32,
  columns: i32,
  sums: usize,
  squares: usize,
): void {
  const row = (<usize>width) << 2;
  for (let y = 1; y < height - 1; y++) {
    const cells = (<usize>((y / side) * columns)) << 2;
    for (let column = 0; column < columns; column++) {
      let sum = f32x4.splat(0);
      let square = f32x4.splat(0);
      const end = min(width - 1, (column + 1) * side);
      for (let x = max(1, column * side); x < end; x += 4) {
        const at = grey + <usize>y * row + ((<usize>x) << 2);
        const around = f32x4.add(
          f32x4.add(v128.load(at - 4), v128.load(at + 4)),
          f32x4.add(v128.load(at - row), v128.load(at + row)),
        );
        const isInside = i32x4.lt_s(i32x4.add(i32x4.splat(x), i32x4(0, 1, 2, 3)), i32x4.splat(end));
        const value = v128.and(isInside, f32x4.sub(f32x4.mul(v128.load(at), f32x4.splat(4)), around));
        sum = f32x4.add(sum, value);
        square = f32x4.add(square, f32x4.mul(value, value));
      }
      const cell = cells + ((<usize>column) << 2);
      store<f32>(sums + cell, load<f32>(sums + cell) + total(sum));
      store<f32>(squares + cell, load<f32>(squares + cell) + total(square));
    }
  }
}

// @ts-ignore: decorator
@inline
function total(values: v128): f32 {
  return (
    f32x4.extract_lane(values, 0) +
    f32x4.extract_lane(values, 1) +
    f32x4.extract_lane(values, 2) +
    f32x4.extract_lane(values, 3)
  );
}
