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
    store<u8>(l + n, toByte((296 * fy - 1336934 + 16384) >> 15));
    store<u8>(a + n, toByte((500 * (fx - fy) + 4194304 + 16384) >> 15));
    store<u8>(b + n, toByte((200 * (fy - fz) + 4194304 + 16384) >> 15));
  }
}

// @ts-ignore: decorator
@inline
function root(roots: usize, t: i32): i32 {
  return load<u16>(roots + (<usize>t << 1));
}

// @ts-ignore: decorator
@inline
function toByte(value: i32): i32 {
  return max(0, min(255, value));
}

/**
 * The way back.
 * @param tables 9 times 4 bytes, the matrix from XYZ over white to linear light, column by column as 4 f32 (the fourth
 * 0); then 4096 bytes, sRGB of linear light in steps of 1/4095
 */
export function fromLab(data: usize, pixels: i32, tables: usize, l: usize, a: usize, b: usize): void {
  const ofX = v128.load(tables);
  const ofY = v128.load(tables, 16);
  const ofZ = v128.load(tables, 32);
  const curve = tables + 48;
  for (let n: usize = 0; n < <usize>pixels; n++) {
    const at = data + n * 3;
    const fy = (<f32>load<u8>(l + n) * (100.0 / 255) + 16) / 116;
    const fx = fy + <f32>(<i32>load<u8>(a + n) - 128) * 0.002;
    const fz = fy - <f32>(<i32>load<u8>(b + n) - 128) * 0.005;
    let light = f32x4.mul(ofX, f32x4.splat(cube(fx)));
    light = f32x4.add(light, f32x4.mul(ofY, f32x4.splat(cube(fy))));
    light = f32x4.add(light, f32x4.mul(ofZ, f32x4.splat(cube(fz))));
    light = f32x4.max(f32x4.splat(0), f32x4.min(f32x4.splat(1), light));
    const steps = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(light, f32x4.splat(4095))));
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(steps, 0)));
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(steps, 1)), 1);
    store<u8>(at, load<u8>(curve + i32x4.extract_lane(steps, 2)), 2);
  }
}

/** Inverse of f(t) of CIE Lab. */
// @ts-ignore: decorator
@inline
function cube(f: f32): f32 {
  return f > 6.0 / 29 ? f * f * f : <f32>(108.0 / 841) * (f - <f32>(4.0 / 29));
}
