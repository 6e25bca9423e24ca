import { blues, greens, reds, storeRgb } from './rgb';

// What baseline JPEG (ITU-T T.81) loses, without writing a file: colours at half size, coefficients rounded.

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
 * Rounds the coefficients of a plane's blocks to multiples, in place.
 * @param steps 64 f32, column by column, then one over each of them
 * @param scratch 256 bytes
 */
export function quantize(plane: usize, across: i32, down: i32, steps: usize, scratch: usize): void {
  for (let y = 0; y < down; y += 8) {
    for (let x = 0; x < across; x += 8) {
      const corner = plane + <usize>(y * across + x);
      for (let v = 0; v < 8; v++) {
        const words = i16x8.sub(v128.load8x8_u(corner + <usize>(v * across)), i16x8.splat(128));
        v128.store(scratch + (<usize>v << 5), f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(words)));
        v128.store(scratch + (<usize>v << 5), f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(words)), 16);
      }
      cosine(scratch);
      cosine(scratch + 16);
      transpose(scratch);
      cosine(scratch);
      cosine(scratch + 16);
      for (let at: usize = 0; at < 256; at += 16) {
        const multiple = f32x4.nearest(f32x4.mul(v128.load(scratch + at), v128.load(steps + at, 256)));
        v128.store(scratch + at, f32x4.mul(multiple, v128.load(steps + at)));
      }
      inverse(scratch);
      inverse(scratch + 16);
      transpose(scratch);
      inverse(scratch);
      inverse(scratch + 16);
      for (let v = 0; v < 8; v++) {
        const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(v128.load(scratch + (<usize>v << 5))));
        const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(v128.load(scratch + (<usize>v << 5), 16)));
        const words = i16x8.add(i16x8.narrow_i32x4_s(low, high), i16x8.splat(128));
        v128.store64_lane(corner + <usize>(v * across), i8x16.narrow_i16x8_u(words, words), 0);
      }
    }
  }
}

// cos(k pi / 16) / 2
const C1: f32 = 0.49039264;
const C2: f32 = 0.46193977;
const C3: f32 = 0.41573481;
const C4: f32 = 0.35355339;
const C5: f32 = 0.27778512;
const C6: f32 = 0.19134172;
const C7: f32 = 0.09754516;

// @ts-ignore: decorator
@inline
function times(values: v128, factor: f32): v128 {
  return f32x4.mul(values, f32x4.splat(factor));
}

// @ts-ignore: decorator
@inline
function sum4(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** The cosine transform of eight rows of four values. */
function cosine(at: usize): void {
  const x0 = v128.load(at);
  const x1 = v128.load(at, 32);
  const x2 = v128.load(at, 64);
  const x3 = v128.load(at, 96);
  const x4 = v128.load(at, 128);
  const x5 = v128.load(at, 160);
  const x6 = v128.load(at, 192);
  const x7 = v128.load(at, 224);
  const d0 = f32x4.sub(x0, x7);
  const d1 = f32x4.sub(x1, x6);
  const d2 = f32x4.sub(x2, x5);
  const d3 = f32x4.sub(x3, x4);
  const s0 = f32x4.add(x0, x7);
  const s1 = f32x4.add(x1, x6);
  const s2 = f32x4.add(x2, x5);
  const s3 = f32x4.add(x3, x4);
  const t0 = f32x4.add(s0, s3);
  const t1 = f32x4.add(s1, s2);
  const t2 = f32x4.sub(s0, s3);
  const t3 = f32x4.sub(s1, s2);
  v128.store(at, times(f32x4.add(t0, t1), C4));
  v128.store(at, times(f32x4.sub(t0, t1), C4), 128);
  v128.store(at, f32x4.add(times(t2, C2), times(t3, C6)), 64);
  v128.store(at, f32x4.sub(times(t2, C6), times(t3, C2)), 192);
  odd(at, d0, d1, d2, d3);
}

/** The four odd coefficients, which are also what lies between opposite values on the way back. */
// @ts-ignore: decorator
@inline
function odd(at: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(at, sum4(times(a, C1), times(b, C3), times(c, C5), times(d, C7)), 32);
  v128.store(at, sum4(times(a, C3), times(b, -C7), times(c, -C1), times(d, -C5)), 96);
  v128.store(at, sum4(times(a, C5), times(b, -C1), times(c, C7), times(d, C3)), 160);
  v128.store(at, sum4(times(a, C7), times(b, -C5), times(c, C3), times(d, -C1)), 224);
}

/** Back from the cosine transform. */
function inverse(at: usize): void {
  const x0 = v128.load(at);
  const x2 = v128.load(at, 64);
  const x4 = v128.load(at, 128);
  const x6 = v128.load(at, 192);
  const e0 = times(f32x4.add(x0, x4), C4);
  const e1 = times(f32x4.sub(x0, x4), C4);
  const f0 = f32x4.add(times(x2, C2), times(x6, C6));
  const f1 = f32x4.sub(times(x2, C6), times(x6, C2));
  odd(at, v128.load(at, 32), v128.load(at, 96), v128.load(at, 160), v128.load(at, 224));
  const o0 = v128.load(at, 32);
  const o1 = v128.load(at, 96);
  const o2 = v128.load(at, 160);
  const o3 = v128.load(at, 224);
  const s0 = f32x4.add(e0, f0);
  const s1 = f32x4.add(e1, f1);
  const s2 = f32x4.sub(e1, f1);
  const s3 = f32x4.sub(e0, f0);
  v128.store(at, f32x4.add(s0, o0));
  v128.store(at, f32x4.add(s1, o1), 32);
  v128.store(at, f32x4.add(s2, o2), 64);
  v128.store(at, f32x4.add(s3, o3), 96);
  v128.store(at, f32x4.sub(s3, o3), 128);
  v128.store(at, f32x4.sub(s2, o2), 160);
  v128.store(at, f32x4.sub(s1, o1), 192);
  v128.store(at, f32x4.sub(s0, o0), 224);
}

/** Of 8 x 8 f32, in place. */
function transpose(at: usize): void {
  turn(at, at);
  turn(at + 144, at + 144);
  turn(at + 16, at + 128);
}

/** Turns a square of 4 x 4 and brings it to the place of another one, which it turns too. */
// @ts-ignore: decorator
@inline
function turn(first: usize, second: usize): void {
  const a = v128.load(first);
  const b = v128.load(first, 32);
  const c = v128.load(first, 64);
  const d = v128.load(first, 96);
  if (first != second) {
    const e = v128.load(second);
    const f = v128.load(second, 32);
    const g = v128.load(second, 64);
    const h = v128.load(second, 96);
    storeTurned(first, e, f, g, h);
  }
  storeTurned(second, a, b, c, d);
}

// @ts-ignore: decorator
@inline
function storeTurned(at: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(at, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(at, v128.shuffle<i64>(ab, cd, 1, 3), 32);
  v128.store(at, v128.shuffle<i64>(ab2, cd2, 0, 2), 64);
  v128.store(at, v128.shuffle<i64>(ab2, cd2, 1, 3), 96);
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
