// Planes of luma and chroma, as videos have them, to red, green and blue.

/** Bits behind the point of a colour: 14 of the coefficients, 3 of chroma, which is counted in eighths. */
const SHIFT = 17;

/** Eight samples as i16, none above `peak`. */
// @ts-ignore: decorator
@inline
function samplesAt(plane: usize, index: usize, isWide: bool, peak: v128): v128 {
  // A damaged file may hold numbers above its depth.
  return isWide ? i16x8.min_u(v128.load(plane + (index << 1)), peak) : v128.load8x8_u(plane + index);
}

/** A row of chroma in quarters of a sample, of which the middle is taken away: three of the near row, one of the far. */
function mixRows(
  near: usize,
  far: usize,
  count: i32,
  isWide: bool,
  peak: v128,
  middle: i32,
  out: usize,
): void {
  const quarters = i16x8.splat(<i16>(4 * middle));
  for (let x: usize = 0; x < <usize>count; x += 8) {
    const own = samplesAt(near, x, isWide, peak);
    const other = samplesAt(far, x, isWide, peak);
    const sum = i16x8.add(i16x8.add(own, i16x8.shl(own, 1)), other);
    v128.store(out + (x << 1), i16x8.sub(sum, quarters));
  }
  const last = out + ((<usize>count) << 1);
  store<i16>(last, load<i16>(last - 2));
}

/** Chroma of eight pixels in eighths, where a row has one sample for two pixels, or for each. */
// @ts-ignore: decorator
@inline
function eighths(row: usize, x: usize, isHalf: bool): v128 {
  if (!isHalf) return i16x8.shl(v128.load(row + (x << 1)), 1);
  const own = v128.load64_zero(row + x);
  const next = v128.load64_zero(row + x + 2);
  return i16x8.shuffle(i16x8.shl(own, 1), i16x8.add(own, next), 0, 8, 1, 9, 2, 10, 3, 11);
}

/** Colours with their fraction to 16 bits, which saturate. */
// @ts-ignore: decorator
@inline
function whole(low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, SHIFT), i32x4.shr_s(high, SHIFT));
}

/**
 * Chroma is interpolated linearly, sited left and between the rows of 4:2:0.
 * @param planes luma, blue, red, without padding; two bytes a sample where `isWide`
 * @param isHalf 1 where a row of chroma has half of the samples
 * @param isFlat 1 where there are half of the rows
 * @param numbers i32: what luma counts for; red by its chroma, green by both, blue by its chroma, with 14 bits behind the
 *   point; black, the middle of chroma, the highest sample
 * @param scratch `width` and 16 numbers of 16 bits, twice
 * @param out RGB
 */
export function planesToRgb(
  planes: usize,
  width: i32,
  height: i32,
  isWide: bool,
  isHalf: bool,
  isFlat: bool,
  numbers: usize,
  scratch: usize,
  out: usize,
): void {
  const luma = i32x4.splat(load<i32>(numbers) << 3);
  const rv = i32x4.splat(load<i32>(numbers, 4));
  const gu = i32x4.splat(load<i32>(numbers, 8));
  const gv = i32x4.splat(load<i32>(numbers, 12));
  const bu = i32x4.splat(load<i32>(numbers, 16));
  const black = i16x8.splat(<i16>load<i32>(numbers, 20));
  const middle = load<i32>(numbers, 24);
  const peak = i16x8.splat(<i16>load<i32>(numbers, 28));
  const half = i32x4.splat(1 << (SHIFT - 1));
  const columns = isHalf ? (width + 1) >> 1 : width;
  const rows = isFlat ? (height + 1) >> 1 : height;
  const size = <usize>isWide;
  const blues = planes + ((<usize>width * height) << size);
  const reds = blues + ((<usize>columns * rows) << size);
  const us = scratch;
  const vs = scratch + ((<usize>width + 16) << 1);
  for (let y = 0; y < height; y++) {
    const near = isFlat ? y >> 1 : y;
    const far = isFlat ? min(rows - 1, max(0, near + (y & 1 ? 1 : -1))) : near;
    const here = (<usize>(near * columns)) << size;
    const there = (<usize>(far * columns)) << size;
    mixRows(blues + here, blues + there, columns, isWide, peak, middle, us);
    mixRows(reds + here, reds + there, columns, isWide, peak, middle, vs);
    const row = planes + ((<usize>(y * width)) << size);
    let to = out + <usize>(y * width) * 3;
    for (let x: usize = 0; x < <usize>width; x += 8) {
      const bright = i16x8.sub(samplesAt(row, x, isWide, peak), black);
      const u = eighths(us, x, isHalf);
      const v = eighths(vs, x, isHalf);
      const lightLow = i32x4.add(i32x4.mul(i32x4.extend_low_i16x8_s(bright), luma), half);
      const lightHigh = i32x4.add(i32x4.mul(i32x4.extend_high_i16x8_s(bright), luma), half);
      const uLow = i32x4.extend_low_i16x8_s(u);
      const uHigh = i32x4.extend_high_i16x8_s(u);
      const vLow = i32x4.extend_low_i16x8_s(v);
      const vHigh = i32x4.extend_high_i16x8_s(v);
      const r = whole(
        i32x4.add(lightLow, i32x4.mul(vLow, rv)),
        i32x4.add(lightHigh, i32x4.mul(vHigh, rv)),
      );
      const g = whole(
        i32x4.add(lightLow, i32x4.add(i32x4.mul(uLow, gu), i32x4.mul(vLow, gv))),
        i32x4.add(lightHigh, i32x4.add(i32x4.mul(uHigh, gu), i32x4.mul(vHigh, gv))),
      );
      const b = whole(
        i32x4.add(lightLow, i32x4.mul(uLow, bu)),
        i32x4.add(lightHigh, i32x4.mul(uHigh, bu)),
      );
      const redGreen = i8x16.narrow_i16x8_u(r, g);
      const blue = i8x16.narrow_i16x8_u(b, b);
      v128.store(
        to,
        i8x16.shuffle(redGreen, blue, 0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19, 4, 12, 20, 5),
      );
      const rest = i8x16.shuffle(redGreen, blue, 13, 21, 6, 14, 22, 7, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0);
      v128.store64_lane(to, rest, 0, 16);
      to += 24;
    }
  }
}

/**
 * A plane of bytes at half of its size: means of four, rounded up at a half.
 * @param width even, as `height`
 */
export function halve(plane: usize, width: i32, height: i32, out: usize): void {
  const half = i16x8.splat(2);
  const count = <usize>(width >> 1);
  for (let y = 0; y < height; y += 2) {
    const upper = plane + <usize>(y * width);
    const lower = upper + <usize>width;
    const to = out + <usize>(y >> 1) * count;
    // Rows are written in their order, so that the next one covers what goes past the end of one.
    for (let x: usize = 0; x < count; x += 8) {
      const above = i16x8.extadd_pairwise_i8x16_u(v128.load(upper + (x << 1)));
      const below = i16x8.extadd_pairwise_i8x16_u(v128.load(lower + (x << 1)));
      const mean = i16x8.shr_u(i16x8.add(i16x8.add(above, below), half), 2);
      v128.store64_lane(to + x, i8x16.narrow_i16x8_u(mean, mean), 0);
    }
  }
}
