// Which pixels an edge may run through.

const HALF: f32 = 0.5;

/** 1 for each of four values that is product. */
// @ts-ignore: decorator
@inline
function product(at: usize): i32 {
  return i32x4.bitmask(f32x4.gt(v128.load(at), f32x4.splat(HALF)));
}

/** Writes 1 into a rectangle, as far as it lies inside of the picture. */
function mark(near: usize, width: i32, height: i32, left: i32, right: i32, top: i32, bottom: i32): void {
  const from = max(0, left);
  const length = <usize>(min(width - 1, right) + 1 - from);
  const last = min(height - 1, bottom);
  for (let y = max(0, top); y <= last; y++) memory.fill(near + <usize>(y * width + from), 1, length);
}

/**
 * Writes 1 for each pixel that has product and ground in the square of `2 * reach + 1` pixels around it, and leaves the
 * others. A square has both just where it has two neighbours that differ.
 * @param matte f32, 0..1
 * @param near bytes
 */
export function markEdges(matte: usize, width: i32, height: i32, reach: i32, near: usize): void {
  const row = (<usize>width) << 2;
  for (let y = 0; y < height; y++) {
    const start = matte + <usize>y * row;
    const isLast = y + 1 == height;
    for (let x = 0; x < width; x += 4) {
      const at = start + ((<usize>x) << 2);
      const own = product(at);
      // Lanes behind the row's end are none of its pixels; the last one has no neighbour to the right.
      const here = (1 << min(4, width - x)) - 1;
      const beside = (own ^ product(at + 4)) & ((1 << min(4, width - 1 - x)) - 1);
      const below = isLast ? 0 : (own ^ product(at + row)) & here;
      if ((beside | below) == 0) continue;
      for (let lane = 0; lane < 4; lane++) {
        const place = x + lane;
        if ((beside >> lane) & 1)
          mark(near, width, height, place + 1 - reach, place + reach, y - reach, y + reach);
        if ((below >> lane) & 1)
          mark(near, width, height, place - reach, place + reach, y + 1 - reach, y + reach);
      }
    }
  }
}

/**
 * Lists the pixels that are marked, and those between two values.
 * @param near bytes, 0 or 1
 * @param list out: i32, ascending
 * @returns how many there are
 */
export function listBand(matte: usize, near: usize, count: i32, low: f32, high: f32, list: usize): i32 {
  let to = list;
  for (let i = 0; i < count; i += 4) {
    const values = v128.load(matte + ((<usize>i) << 2));
    const between = v128.and(f32x4.gt(values, f32x4.splat(low)), f32x4.lt(values, f32x4.splat(high)));
    const marked = load<u32>(near + <usize>i);
    if (marked == 0 && !v128.any_true(between)) continue;
    const lanes = i32x4.bitmask(between);
    for (let lane = 0; lane < min(4, count - i); lane++) {
      if ((((marked >> (<u32>lane * 8)) | (lanes >> lane)) & 1) == 0) continue;
      store<i32>(to, i + lane);
      to += 4;
    }
  }
  return <i32>((to - list) >> 2);
}
