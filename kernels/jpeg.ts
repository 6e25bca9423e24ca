import { blues, greens, reds, storeRgb } from './rgb';

// What baseline JPEG (ITU-T T.81) loses, without writing a file: colours at half size, coefficients rounded (quantize.ts).

/** Copies a picture and repeats its last column and row until it has `across` x `down` pixels. */
export function extend(source: usize, width: i32, height: i32, across: i32, down: i32, out: usize): void {
  const bytes = <usize>width * 3;
  for (let y = 0; y < down; y++) {
    const row = out + <usize>(y * across) * 3;
    memory.copy(row, source + <usize>min(y, height - 1) * bytes, bytes);
    for (let x = width; x < across; x++) memory.copy(row + <usize>x * 3, row + bytes - 3, 3);
  }
}

/**
 * Planes Y, Cb and Cr of ITU-T T.871, the last two at half the width and height.
 * @param across, down pixels, multiples of 16
 */
export function toPlanes(data: usize, across: i32, down: i32, luma: usize, blue: usize, red: usize): void {
  for (let y = 0; y < down; y += 2) {
    const upper = data + <usize>(y * across) * 3;
    const lower = upper + <usize>across * 3;
    const row = luma + <usize>(y * across);
    const half = <usize>((y >> 1) * (across >> 1));
    for (let x = 0; x < across; x += 16) {
      const at = <usize>x * 3;
      const r = reds(upper + at);
      const g = greens(upper + at);
      const b = blues(upper + at);
      const r2 = reds(lower + at);
      const g2 = greens(lower + at);
      const b2 = blues(lower + at);
      v128.store(row + x, lumaOf(r, g, b));
      v128.store(row + x + across, lumaOf(r2, g2, b2));
      const rs = i16x8.add(i16x8.extadd_pairwise_i8x16_u(r), i16x8.extadd_pairwise_i8x16_u(r2));
      const gs = i16x8.add(i16x8.extadd_pairwise_i8x16_u(g), i16x8.extadd_pairwise_i8x16_u(g2));
      const bs = i16x8.add(i16x8.extadd_pairwise_i8x16_u(b), i16x8.extadd_pairwise_i8x16_u(b2));
      v128.store64_lane(blue + half + (x >> 1), difference(rs, gs, bs, -5529, -10855, 16384), 0);
      v128.store64_lane(red + half + (x >> 1), difference(rs, gs, bs, 16384, -13720, -2664), 0);
    }
  }
}

/** Weights in 15 bits. */
// @ts-ignore: decorator
@inline
function lumaOf(r: v128, g: v128, b: v128): v128 {
  const one = i8x16.splat(1);
  const low = i8x16.shuffle(r, g, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const high = i8x16.shuffle(r, g, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const lowB = i8x16.shuffle(b, one, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const highB = i8x16.shuffle(b, one, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(
      four(i16x8.extend_low_i8x16_u(low), i16x8.extend_low_i8x16_u(lowB)),
      four(i16x8.extend_high_i8x16_u(low), i16x8.extend_high_i8x16_u(lowB)),
    ),
    i16x8.narrow_i32x4_s(
      four(i16x8.extend_low_i8x16_u(high), i16x8.extend_low_i8x16_u(highB)),
      four(i16x8.extend_high_i8x16_u(high), i16x8.extend_high_i8x16_u(highB)),
    ),
  );
}

// @ts-ignore: decorator
@inline
function four(rg: v128, b1: v128): v128 {
  const sum = i32x4.dot_i16x8_s(rg, i32x4.splat(9798 | (19235 << 16)));
  return i32x4.shr_s(i32x4.add(sum, i32x4.dot_i16x8_s(b1, i32x4.splat(3735 | (16384 << 16)))), 15);
}

/** A colour difference of the sums of four pixels, eight of them. */
// @ts-ignore: decorator
@inline
function difference(r: v128, g: v128, b: v128, ofR: i32, ofG: i32, ofB: i32): v128 {
  const zero = i16x8.splat(0);
  const rg = i32x4.splat((ofR & 0xffff) | (ofG << 16));
  const middle = i32x4.splat((128 << 17) + (1 << 16) - 1);
  let low = i32x4.add(middle, i32x4.dot_i16x8_s(v128.shuffle<i16>(r, g, 0, 8, 1, 9, 2, 10, 3, 11), rg));
  let high = i32x4.add(middle, i32x4.dot_i16x8_s(v128.shuffle<i16>(r, g, 4, 12, 5, 13, 6, 14, 7, 15), rg));
  const only = i32x4.splat(ofB & 0xffff);
  low = i32x4.add(low, i32x4.dot_i16x8_s(v128.shuffle<i16>(b, zero, 0, 8, 1, 9, 2, 10, 3, 11), only));
  high = i32x4.add(high, i32x4.dot_i16x8_s(v128.shuffle<i16>(b, zero, 4, 12, 5, 13, 6, 14, 7, 15), only));
  const words = i16x8.narrow_i32x4_s(i32x4.shr_s(low, 17), i32x4.shr_s(high, 17));
  return i8x16.narrow_i16x8_u(words, words);
}

/**
 * The picture of the planes; colours between two samples lie between them (3 to 1).
 * @param scratch 2 * `across` + 128 bytes
 */
export function fromPlanes(
  data: usize,
  width: i32,
  height: i32,
  across: i32,
  luma: usize,
  blue: usize,
  red: usize,
  scratch: usize,
): void {
  const half = across >> 1;
  const last = ((height + 1) >> 1) - 1;
  const blues = scratch + 16;
  const reds = blues + <usize>across + 32;
  const spare = reds + <usize>across + 16;
  for (let y = 0; y < height; y++) {
    const row = luma + <usize>(y * across);
    const near = (y >> 1) * half;
    const far = max(0, min(last, y & 1 ? (y >> 1) + 1 : (y >> 1) - 1)) * half;
    blendRows(blue + near, blue + far, half, blues);
    blendRows(red + near, red + far, half, reds);
    const out = data + <usize>(y * width) * 3;
    for (let x = 0; x < across; x += 16) {
      const cb = blues + <usize>x;
      const cr = reds + <usize>x;
      const evenB = between(cb, -2, 8);
      const oddB = between(cb, 2, 7);
      const evenR = between(cr, -2, 8);
      const oddR = between(cr, 2, 7);
      const levels = v128.load(row + x);
      const low = i16x8.shl(i16x8.extend_low_i8x16_u(levels), 5);
      const high = i16x8.shl(i16x8.extend_high_i8x16_u(levels), 5);
      const lowB = v128.shuffle<i16>(evenB, oddB, 0, 8, 1, 9, 2, 10, 3, 11);
      const highB = v128.shuffle<i16>(evenB, oddB, 4, 12, 5, 13, 6, 14, 7, 15);
      const lowR = v128.shuffle<i16>(evenR, oddR, 0, 8, 1, 9, 2, 10, 3, 11);
      const highR = v128.shuffle<i16>(evenR, oddR, 4, 12, 5, 13, 6, 14, 7, 15);
      const r = bytes(part(low, lowR, 22970), part(high, highR, 22970));
      const b = bytes(part(low, lowB, 29032), part(high, highB, 29032));
      const g = bytes(part(part(low, lowB, -5638), lowR, -11700), part(part(high, highB, -5638), highR, -11700));
      if (x + 16 <= width) storeRgb(out + <usize>x * 3, r, g, b);
      else if (x < width) {
        storeRgb(spare, r, g, b);
        memory.copy(out + <usize>x * 3, spare, <usize>(width - x) * 3);
      }
    }
  }
}

/** Three parts of one row and one of another, i16; the first and the last one are repeated. */
function blendRows(near: usize, far: usize, count: i32, out: usize): void {
  for (let x = 0; x < count; x += 8) {
    const a = v128.load8x8_u(near + x);
    const sum = i16x8.add(i16x8.add(a, i16x8.shl(a, 1)), v128.load8x8_u(far + x));
    v128.store(out + (<usize>x << 1), sum);
  }
  store<i16>(out - 2, load<i16>(out));
  store<i16>(out + (<usize>count << 1), load<i16>(out + (<usize>(count - 1) << 1)));
}

/** Colour differences around 0, times 64, three parts of a sample and one of its neighbour. */
// @ts-ignore: decorator
@inline
function between(at: usize, beside: isize, bias: i16): v128 {
  const here = v128.load(at);
  const sum = i16x8.add(i16x8.add(here, i16x8.shl(here, 1)), v128.load(at + beside));
  const level = i16x8.shr_s(i16x8.add(sum, i16x8.splat(bias)), 4);
  return i16x8.shl(i16x8.sub(level, i16x8.splat(128)), 6);
}

/** Adds `factor` / 16384 of a difference, all in 1/32 of a level. */
// @ts-ignore: decorator
@inline
function part(levels: v128, colors: v128, factor: i16): v128 {
  return i16x8.add(levels, i16x8.q15mulr_sat_s(colors, i16x8.splat(factor)));
}

// @ts-ignore: decorator
@inline
function bytes(low: v128, high: v128): v128 {
  const half = i16x8.splat(16);
  return i8x16.narrow_i16x8_u(i16x8.shr_s(i16x8.add(low, half), 5), i16x8.shr_s(i16x8.add(high, half), 5));
}
