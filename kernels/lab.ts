import { clampByte, toInts } from './round';

/**
 * RGB to three planes of 8-bit Lab: L times 255/100, a and b plus 128.
 * @param tables 256 i32 of linear light in steps of 1/2040; then 9 i32, the matrix to XYZ over white in 12 bits; then
 * u16 of f(t) in 15 bits, t in steps of 1/2040
 */
export function toLab(data: usize, pixels: i32, tables: usize, l: usize, a: usize, b: usize): void {
  const matrix = tables + 1024;
  const roots = matrix + 36;
  const x0 = load<i32>(matrix);
  const x1 = load<i32>(matrix, 4);
  const x2 = load<i32>(matrix, 8);
  const y0 = load<i32>(matrix, 12);
  const y1 = load<i32>(matrix, 16);
  const y2 = load<i32>(matrix, 20);
  const z0 = load<i32>(matrix, 24);
  const z1 = load<i32>(matrix, 28);
  const z2 = load<i32>(matrix, 32);
  for (let n: usize = 0; n < <usize>pixels; n++) {
    const at = data + n * 3;
    const red = load<i32>(tables + (<usize>load<u8>(at) << 2));
    const green = load<i32>(tables + (<usize>load<u8>(at, 1) << 2));
    const blue = load<i32>(tables + (<usize>load<u8>(at, 2) << 2));
    const fx = root(roots, (red * x0 + green * x1 + blue * x2 + 2048) >> 12);
    const fy = root(roots, (red * y0 + green * y1 + blue * y2 + 2048) >> 12);
    const fz = root(roots, (red * z0 + green * z1 + blue * z2 + 2048) >> 12);
    // 116 * 255 / 100 = 296, and 16 * 255 / 100 of 15 bits.
    store<u8>(l + n, clampByte((296 * fy - 1336934 + 16384) >> 15));
    store<u8>(a + n, clampByte((500 * (fx - fy) + 4194304 + 16384) >> 15));
    store<u8>(b + n, clampByte((200 * (fy - fz) + 4194304 + 16384) >> 15));
  }
}

// @ts-ignore: decorator
@inline
function root(roots: usize, t: i32): i32 {
  return load<u16>(roots + (<usize>t << 1));
}

/**
 * The way back, four pixels at a time: planes may be read and pixels written up to three too far.
 * @param tables 9 f32, the matrix from XYZ over white to linear light, row by row; 3 not used; then 4096 bytes, sRGB of
 * linear light in steps of 1/4095
 */
export function fromLab(data: usize, pixels: i32, tables: usize, l: usize, a: usize, b: usize): void {
  const curve = tables + 48;
  for (let n: usize = 0; n < <usize>pixels; n += 4) {
    const at = data + n * 3;
    const lightness = f32x4.mul(four(l + n), f32x4.splat(100.0 / 255));
    const fy = f32x4.mul(f32x4.add(lightness, f32x4.splat(16)), f32x4.splat(1.0 / 116));
    const ofA = f32x4.mul(f32x4.sub(four(a + n), f32x4.splat(128)), f32x4.splat(0.002));
    const ofB = f32x4.mul(f32x4.sub(four(b + n), f32x4.splat(128)), f32x4.splat(0.005));
    const x = cube(f32x4.add(fy, ofA));
    const y = cube(fy);
    const z = cube(f32x4.sub(fy, ofB));
    const red = steps(tables, x, y, z);
    const green = steps(tables + 12, x, y, z);
    const blue = steps(tables + 24, x, y, z);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(red, 0)));
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(green, 0)), 1);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(blue, 0)), 2);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(red, 1)), 3);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(green, 1)), 4);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(blue, 1)), 5);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(red, 2)), 6);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(green, 2)), 7);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(blue, 2)), 8);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(red, 3)), 9);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(green, 3)), 10);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(blue, 3)), 11);
  }
}

/** Four bytes as f32. */
// @ts-ignore: decorator
@inline
function four(at: usize): v128 {
  const words = i16x8.extend_low_i8x16_u(v128.load32_zero(at));
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(words));
}

/** Linear light of one channel in steps of 1/4095. */
// @ts-ignore: decorator
@inline
function steps(row: usize, x: v128, y: v128, z: v128): v128 {
  let light = f32x4.mul(v128.load32_splat(row), x);
  light = f32x4.add(light, f32x4.mul(v128.load32_splat(row, 4), y));
  light = f32x4.add(light, f32x4.mul(v128.load32_splat(row, 8), z));
  light = f32x4.max(f32x4.splat(0), f32x4.min(f32x4.splat(1), light));
  return toInts(f32x4.mul(light, f32x4.splat(4095)));
}

/** Inverse of f(t) of CIE Lab. */
// @ts-ignore: decorator
@inline
function cube(f: v128): v128 {
  const straight = f32x4.mul(f32x4.sub(f, f32x4.splat(4.0 / 29)), f32x4.splat(108.0 / 841));
  return v128.bitselect(f32x4.mul(f, f32x4.mul(f, f)), straight, f32x4.gt(f, f32x4.splat(6.0 / 29)));
}
