import { clampByte, toInt, toInts } from './round';

// Point operations on a row of RGB, in place.

/** Every value becomes the one that stands at its place in `table`, 256 bytes. */
export function mapAll(data: usize, pixels: i32, table: usize): void {
  const end = data + <usize>(pixels * 3);
  for (let at = data; at < end; at++) store<u8>(at, load<u8>(table + load<u8>(at)));
}

/** As `mapAll` with a table for each of red, green and blue, one behind the other. */
export function mapEach(data: usize, pixels: i32, tables: usize): void {
  const end = data + <usize>(pixels * 3);
  for (let at = data; at < end; at += 3) {
    store<u8>(at, load<u8>(tables + load<u8>(at)));
    store<u8>(at, load<u8>(tables + load<u8>(at, 1), 256), 1);
    store<u8>(at, load<u8>(tables + load<u8>(at, 2), 512), 2);
  }
}

/** Luma with the weights of ITU-R BT.601 in 15 bits, rounded. */
// @ts-ignore: decorator
@inline
function luma(at: usize): i32 {
  return (9798 * <i32>load<u8>(at) + 19235 * <i32>load<u8>(at, 1) + 3735 * <i32>load<u8>(at, 2) + 16384) >> 15;
}

/** Sum of the luma of all pixels. */
export function sumLuma(data: usize, pixels: i32): f64 {
  let sum: i64 = 0;
  const end = data + <usize>pixels * 3;
  for (let at = data; at < end; at += 3) sum += luma(at);
  return <f64>sum;
}

/** `factor` times the colour plus `rest` times its luma. */
export function saturate(data: usize, pixels: i32, factor: f32, rest: f32): void {
  const end = data + <usize>(pixels * 3);
  for (let at = data; at < end; at += 3) {
    const grey = <f64>(<f32>luma(at) * rest);
    store<u8>(at, mix(at, factor, grey));
    store<u8>(at, mix(at + 1, factor, grey), 1);
    store<u8>(at, mix(at + 2, factor, grey), 2);
  }
}

/** Rounded once, to single precision, as a processor that multiplies and adds in one does it. */
// @ts-ignore: decorator
@inline
function mix(at: usize, factor: f32, grey: f64): i32 {
  const value = <f32>(<f64>load<u8>(at) * <f64>factor + grey);
  return clampByte(toInt(value));
}

/**
 * Hue, saturation and value through tables, as 8-bit HSV with hues of 2 degrees.
 * @param tables of 256 bytes each: hue, saturation, value; then 256 i32 each: 255 and 30 (of 180 hues), in 12 bits,
 * divided by the index; then 180 times 4 f32: how much of its saturation a hue takes from red, green and blue
 */
export function shiftHsv(data: usize, pixels: i32, tables: usize): void {
  const shares = tables + 768;
  const hues = shares + 1024;
  const weights = hues + 1024;
  const end = data + <usize>(pixels * 3);
  for (let at = data; at < end; at += 3) {
    const r = <i32>load<u8>(at);
    const g = <i32>load<u8>(at, 1);
    const b = <i32>load<u8>(at, 2);
    const most = max(r, max(g, b));
    const range = most - min(r, min(g, b));
    let saturation = (range * load<i32>(shares + (<usize>most << 2)) + 2048) >> 12;
    const turn = most == r ? g - b : most == g ? b - r + 2 * range : r - g + 4 * range;
    let hue = (turn * load<i32>(hues + (<usize>range << 2)) + 2048) >> 12;
    if (hue < 0) hue += 180;
    hue = load<u8>(tables + hue);
    saturation = saturation == 0 ? 0 : load<u8>(tables + saturation, 256);
    const value = <f32>load<u8>(tables + most, 512);
    const taken = f32x4.mul(f32x4.splat(value * <f32>saturation), v128.load(weights + (<usize>hue << 4)));
    const rgb = toInts(f32x4.sub(f32x4.splat(value), taken));
    store<u8>(at, i32x4.extract_lane(rgb, 0));
    store<u8>(at, i32x4.extract_lane(rgb, 1), 1);
    store<u8>(at, i32x4.extract_lane(rgb, 2), 2);
  }
}

/** One colour. */
export function fillRow(data: usize, pixels: i32, red: i32, green: i32, blue: i32): void {
  const end = data + <usize>(pixels * 3);
  for (let at = data; at < end; at += 3) {
    store<u8>(at, red);
    store<u8>(at, green, 1);
    store<u8>(at, blue, 2);
  }
}
