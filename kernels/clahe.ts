import { toInt } from './round';

// Contrast-limited adaptive histogram equalisation of one plane in 8 x 8 tiles, step by step as OpenCV does it.
// Method: K. Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994.

/**
 * @param plane is changed in place
 * @param tileWidth, tileHeight of the plane padded to whole tiles, mirrored
 * @param clip most that a bin may hold
 * @param tables scratch, 64 times 256 bytes
 * @param bins scratch, 1024 bytes
 * @param columns scratch, 12 bytes for each pixel of the width
 */
export function equalize(
  plane: usize,
  width: i32,
  height: i32,
  tileWidth: i32,
  tileHeight: i32,
  clip: i32,
  tables: usize,
  bins: usize,
  columns: usize,
): void {
  const scale = <f32>255 / <f32>(tileWidth * tileHeight);
  for (let tile = 0; tile < 64; tile++) {
    count(plane, width, height, (tile & 7) * tileWidth, (tile >> 3) * tileHeight, tileWidth, tileHeight, bins);
    redistribute(bins, clip);
    let sum = 0;
    for (let bin: usize = 0; bin < 256; bin++) {
      sum += load<i32>(bins + (bin << 2));
      const level = toInt(<f32>sum * scale);
      store<u8>(tables + (<usize>tile << 8) + bin, min(255, level));
    }
  }
  between(columns, width, <f32>1 / <f32>tileWidth);
  const inverseY: f32 = <f32>1 / <f32>tileHeight;
  for (let y = 0; y < height; y++) {
    const v = <f32>y * inverseY - 0.5;
    const top = <i32>floor<f32>(v);
    const low = v - <f32>top;
    const upper = tables + (<usize>max(0, top) << 11);
    const lower = tables + (<usize>min(7, top + 1) << 11);
    const row = plane + <usize>(y * width);
    for (let x = 0; x < width; x++) {
      const column = columns + <usize>(x * 12);
      const far = load<f32>(column, 8);
      const level = <usize>load<u8>(row + x);
      const first = <usize>load<i32>(column) + level;
      const second = <usize>load<i32>(column, 4) + level;
      const above = <f32>load<u8>(upper + first) * (1 - far) + <f32>load<u8>(upper + second) * far;
      const below = <f32>load<u8>(lower + first) * (1 - far) + <f32>load<u8>(lower + second) * far;
      store<u8>(row + x, toInt(above * (1 - low) + below * low));
    }
  }
}

/** For each column the tables to its left and right, in bytes, and how much the right one counts. */
function between(columns: usize, width: i32, inverse: f32): void {
  for (let x = 0; x < width; x++) {
    const u = <f32>x * inverse - 0.5;
    const left = <i32>floor<f32>(u);
    const column = columns + <usize>(x * 12);
    store<i32>(column, max(0, left) << 8);
    store<i32>(column, min(7, left + 1) << 8, 4);
    store<f32>(column, u - <f32>left, 8);
  }
}

function count(
  plane: usize,
  width: i32,
  height: i32,
  left: i32,
  top: i32,
  tileWidth: i32,
  tileHeight: i32,
  bins: usize,
): void {
  memory.fill(bins, 0, 1024);
  for (let y = top; y < top + tileHeight; y++) {
    const row = plane + <usize>(inside(y, height) * width);
    for (let x = left; x < left + tileWidth; x++) {
      const bin = bins + (<usize>load<u8>(row + inside(x, width)) << 2);
      store<i32>(bin, load<i32>(bin) + 1);
    }
  }
}

// @ts-ignore: decorator
@inline
function inside(at: i32, length: i32): i32 {
  if (at < length) return at;
  if (length == 1) return 0;
  const period = 2 * (length - 1);
  const rest = at % period;
  return min(rest, period - rest);
}

/** Cuts what is over the limit and deals it out evenly, the rest in equal steps. */
function redistribute(bins: usize, clip: i32): void {
  let clipped = 0;
  for (let bin: usize = 0; bin < 1024; bin += 4) {
    const over = load<i32>(bins + bin) - clip;
    if (over <= 0) continue;
    clipped += over;
    store<i32>(bins + bin, clip);
  }
  const batch = clipped >> 8;
  let rest = clipped & 255;
  for (let bin: usize = 0; bin < 1024; bin += 4) store<i32>(bins + bin, load<i32>(bins + bin) + batch);
  if (rest == 0) return;
  const step = <usize>max(1, 256 / rest) << 2;
  for (let bin: usize = 0; bin < 1024 && rest > 0; bin += step, rest--) {
    store<i32>(bins + bin, load<i32>(bins + bin) + 1);
  }
}
