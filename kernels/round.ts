/** 1.5 times 2^23: single precision has no room for fractions beyond it, so that adding it rounds, halves to even. */
const MAGIC: f32 = 12_582_912;
const BITS = 0x4b400000;

/** The nearest whole number of -4194304..4194303; quicker than rounding and converting. */
// @ts-ignore: decorator
@inline
export function toInt(value: f32): i32 {
  return reinterpret<i32>(value + MAGIC) - BITS;
}

/** The same for four. */
// @ts-ignore: decorator
@inline
export function toInts(values: v128): v128 {
  return i32x4.sub(f32x4.add(values, f32x4.splat(MAGIC)), i32x4.splat(BITS));
}

// @ts-ignore: decorator
@inline
export function clampByte(value: i32): i32 {
  return max(0, min(255, value));
}
