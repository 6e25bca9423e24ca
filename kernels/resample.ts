export function sampleRow(source: usize, width: i32, height: i32, px: usize, py: usize, count: i32, out: usize): void {
  const right = width - 1;
  const low = height - 1;
  const stride = width * 3;
  const half = i32x4.splat(1 << 13);
  for (let i = 0; i < count; i++) {
    const fx = load<i32>(px + (<usize>i << 2));
    const fy = load<i32>(py + (<usize>i << 2));
    const x = fx >> 8;
    const y = fy >> 8;
    if (<u32>x < <u32>right && <u32>y < <u32>low) {
      const at = source + <usize>(y * stride + x * 3);
      const u = fx & 255;
      const v = fy & 255;
      const w11 = (u * v + 2) >> 2;
      const w01 = (u << 6) - w11;
      const w10 = (v << 6) - w11;
      const w00 = 16384 - (u << 6) - (v << 6) + w11;
      const top = i8x16.swizzle(v128.load64_zero(at), i8x16(0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16));
      const bottom = i8x16.swizzle(v128.load64_zero(at + stride), i8x16(0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16));
      const wt = i32x4.splat(w00 | (w01 << 16));
      const wb = i32x4.splat(w10 | (w11 << 16));
      const sum = i32x4.shr_s(i32x4.add(i32x4.add(i32x4.dot_i16x8_s(top, wt), i32x4.dot_i16x8_s(bottom, wb)), half), 14);
      const packed = i8x16.swizzle(sum, i8x16(0, 4, 8, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16));
      store<u32>(out + <usize>(i * 3), i32x4.extract_lane(packed, 0));
    }
  }
}
export function table(data: usize, count: i32, t: usize): void {
  for (let at = data; at < data + count; at++) store<u8>(at, load<u8>(t + load<u8>(at)));
}
export function noise(data: usize, pixels: i32, t: usize, seed: i32): void {
  let s = seed;
  for (let i = 0, at = data; i < pixels; i++, at += 3) {
    s += 0x6d2b79f5;
    let r = (s ^ (s >>> 15)) * (s | 1);
    r ^= r + (r ^ (r >>> 7)) * (r | 61);
    r ^= r >>> 14;
    const a = <i32>load<u8>(at) + load<i16>(t + ((r & 1023) << 1));
    const b = <i32>load<u8>(at, 1) + load<i16>(t + (((r >>> 10) & 1023) << 1));
    const c = <i32>load<u8>(at, 2) + load<i16>(t + (((r >>> 20) & 1023) << 1));
    store<u8>(at, max(0, min(255, a)));
    store<u8>(at, max(0, min(255, b)), 1);
    store<u8>(at, max(0, min(255, c)), 2);
  }
}
