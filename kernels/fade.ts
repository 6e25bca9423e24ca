/**
 * Mixes a picture with the mean colour of its far parts, the more the farther away a pixel is.
 * @param data RGB
 * @param near f32 for each pixel: 1 where nothing is changed, below 0.5 where it is far
 * @param share how much of the mean a pixel of nearness 0 gets, 0..1
 * @param out RGB
 */
export function fade(data: usize, near: usize, pixels: i32, share: f32, out: usize): void {
  let red: u32 = 0;
  let green: u32 = 0;
  let blue: u32 = 0;
  let count: u32 = 0;
  for (let i: usize = 0, at = data; i < <usize>pixels; i++, at += 3) {
    if (load<f32>(near + (i << 2)) >= 0.5) continue;
    red += load<u8>(at);
    green += load<u8>(at, 1);
    blue += load<u8>(at, 2);
    count++;
  }
  const scale: f32 = <f32>1 / <f32>max(1, count);
  const means = f32x4(<f32>red * scale, <f32>green * scale, <f32>blue * scale, 0);
  const half = f32x4.splat(0.5);
  for (let i: usize = 0, at: usize = 0; i < <usize>pixels; i++, at += 3) {
    const weight = f32x4.splat(share * (<f32>1 - load<f32>(near + (i << 2))));
    const own = f32x4.convert_i32x4_u(
      i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(data + at))),
    );
    const mixed = f32x4.add(f32x4.add(own, f32x4.mul(f32x4.sub(means, own), weight)), half);
    const bytes = i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_u(i32x4.trunc_sat_f32x4_s(mixed), i32x4.splat(0)),
      i32x4.splat(0),
    );
    // The fourth byte is the next pixel's, which comes after it.
    store<u32>(out + at, <u32>i32x4.extract_lane(bytes, 0));
  }
}
