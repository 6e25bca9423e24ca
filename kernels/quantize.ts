// The cosine transform of JPEG (ITU-T T.81, annex A.3.3), and what rounding its coefficients loses.

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
