// Bilinear sampling at places in 1/256 pixel, with weights of 14 bits.

/** What is seen beyond the picture: one colour, the picture mirrored, or a background mirrored. */
export const enum Beyond {
  Color,
  Mirror,
  Background,
}

/**
 * Samples one row of RGB.
 * @param other the colour, or the background, of the picture's size
 */
export function sampleRow(
  source: usize,
  width: i32,
  height: i32,
  x: usize,
  y: usize,
  count: i32,
  out: usize,
  beyond: i32,
  other: usize,
): void {
  const right = width - 1;
  const low = height - 1;
  const stride = <usize>width * 3;
  for (let n = 0; n < count; n++) {
    const fx = load<i32>(x + (<usize>n << 2));
    const fy = load<i32>(y + (<usize>n << 2));
    const left = fx >> 8;
    const top = fy >> 8;
    if (<u32>left < <u32>right && <u32>top < <u32>low) {
      const at = source + <usize>top * stride + <usize>(left * 3);
      blend(v128.load64_zero(at), v128.load64_zero(at + stride), fx & 255, fy & 255, out);
    } else {
      const a = pixel(source, width, height, left, top, beyond, other);
      const b = pixel(source, width, height, left + 1, top, beyond, other);
      const c = pixel(source, width, height, left, top + 1, beyond, other);
      const d = pixel(source, width, height, left + 1, top + 1, beyond, other);
      blend(pair(a, b), pair(c, d), fx & 255, fy & 255, out);
    }
    out += 3;
  }
}

/** Two pixels, each in three bytes, one behind the other. */
// @ts-ignore: decorator
@inline
function pair(first: usize, second: usize): v128 {
  const a = <i64>load<u8>(first) | (<i64>load<u8>(first, 1) << 8) | (<i64>load<u8>(first, 2) << 16);
  const b = <i64>load<u8>(second) | (<i64>load<u8>(second, 1) << 8) | (<i64>load<u8>(second, 2) << 16);
  return i64x2(a | (b << 24), 0);
}

// @ts-ignore: decorator
@inline
function blend(above: v128, below: v128, u: i32, v: i32, out: usize): void {
  const both = (u * v + 2) >> 2;
  const right = (u << 6) - both;
  const low = (v << 6) - both;
  const here = 16384 - right - low - both;
  const order = i8x16(0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16);
  const upper = i32x4.dot_i16x8_s(i8x16.swizzle(above, order), i32x4.splat(here | (right << 16)));
  const lower = i32x4.dot_i16x8_s(i8x16.swizzle(below, order), i32x4.splat(low | (both << 16)));
  const sum = i32x4.shr_s(i32x4.add(i32x4.add(upper, lower), i32x4.splat(8192)), 14);
  const bytes = i8x16.swizzle(sum, i8x16(0, 4, 8, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16));
  // The fourth byte belongs to the next pixel, which is written next.
  store<u32>(out, i32x4.extract_lane(bytes, 0));
}

function pixel(source: usize, width: i32, height: i32, x: i32, y: i32, beyond: i32, other: usize): usize {
  if (<u32>x < <u32>width && <u32>y < <u32>height) return source + <usize>(y * width + x) * 3;
  if (beyond == Beyond.Color) return other;
  const from = beyond == Beyond.Mirror ? source : other;
  return from + <usize>(mirror(y, height) * width + mirror(x, width)) * 3;
}

/** Mirrored at the outermost pixels, which are not repeated. */
function mirror(at: i32, length: i32): i32 {
  if (length == 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((at % period) + period) % period;
  return min(inside, period - inside);
}

/**
 * Samples one row of a matte; beyond it there is nothing, or the matte mirrored.
 * @param hard 1 where only 0 and 255 may come out
 */
export function sampleAlphaRow(
  source: usize,
  width: i32,
  height: i32,
  x: usize,
  y: usize,
  count: i32,
  out: usize,
  beyond: i32,
  hard: i32,
): void {
  const right = width - 1;
  const low = height - 1;
  for (let n = 0; n < count; n++) {
    const fx = load<i32>(x + (<usize>n << 2));
    const fy = load<i32>(y + (<usize>n << 2));
    const left = fx >> 8;
    const top = fy >> 8;
    let a: i32;
    let b: i32;
    let c: i32;
    let d: i32;
    if (<u32>left < <u32>right && <u32>top < <u32>low) {
      const at = source + <usize>(top * width + left);
      a = load<u8>(at);
      b = load<u8>(at, 1);
      c = load<u8>(at + width);
      d = load<u8>(at + width, 1);
    } else {
      a = cover(source, width, height, left, top, beyond);
      b = cover(source, width, height, left + 1, top, beyond);
      c = cover(source, width, height, left, top + 1, beyond);
      d = cover(source, width, height, left + 1, top + 1, beyond);
    }
    const u = fx & 255;
    const v = fy & 255;
    const above = (a << 8) + (b - a) * u;
    const below = (c << 8) + (d - c) * u;
    const value = ((above << 8) + (below - above) * v + 32768) >> 16;
    store<u8>(out + <usize>n, hard ? (value >= 128 ? 255 : 0) : value);
  }
}

function cover(source: usize, width: i32, height: i32, x: i32, y: i32, beyond: i32): i32 {
  if (<u32>x < <u32>width && <u32>y < <u32>height) return load<u8>(source + <usize>(y * width + x));
  if (beyond != Beyond.Mirror) return 0;
  return load<u8>(source + <usize>(mirror(y, height) * width + mirror(x, width)));
}
