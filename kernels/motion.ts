/** 255 in the first `width` of 16 bytes. */
// @ts-ignore: decorator
@inline
function firstLanes(width: i32): v128 {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return i8x16.lt_u(places, i8x16.splat(<i8>width));
}

/** Rows of a patch that are compared before it is asked whether there is any use in the rest. */
const STRETCH = 4;

/**
 * Finds a patch of one grey picture in another: the place with the smallest sum of absolute differences, to which
 * `still` is added for each pixel of the way there, down and across; the first of several.
 * @param one the patch's first pixel
 * @param other the same place in the other picture, which may be read up to 15 bytes beyond the last patch
 * @param stride of both pictures
 * @param width of the patch, at most 16
 * @param height of the patch, at most 64
 * @param left how far it may have moved, not below 0; so too right, up and down
 * @param out three i32: the sum, across, down
 */
export function findPatch(
  one: usize,
  other: usize,
  stride: i32,
  width: i32,
  height: i32,
  left: i32,
  right: i32,
  up: i32,
  down: i32,
  still: i32,
  out: usize,
): void {
  const lanes = firstLanes(width);
  let best = i32.MAX_VALUE;
  for (let dy = -up; dy <= down; dy++) {
    for (let dx = -left; dx <= right; dx++) {
      let sum = (abs(dx) + abs(dy)) * still;
      let a = one;
      let b = other + <usize>(dy * stride + dx);
      for (let y = 0; y < height && sum < best; y += STRETCH) {
        let off = i16x8.splat(0);
        for (let end = min(height, y + STRETCH), row = y; row < end; row++) {
          const here = v128.load(a);
          const there = v128.load(b);
          const bytes = v128.or(i8x16.sub_sat_u(here, there), i8x16.sub_sat_u(there, here));
          off = i16x8.add(off, i16x8.extadd_pairwise_i8x16_u(v128.and(bytes, lanes)));
          a += stride;
          b += stride;
        }
        const sums = i32x4.extadd_pairwise_i16x8_u(off);
        sum +=
          i32x4.extract_lane(sums, 0) +
          i32x4.extract_lane(sums, 1) +
          i32x4.extract_lane(sums, 2) +
          i32x4.extract_lane(sums, 3);
      }
      if (sum >= best) continue;
      best = sum;
      store<i32>(out, dx, 4);
      store<i32>(out, dy, 8);
    }
  }
  store<i32>(out, best);
}

/**
 * Adds a matte whose blocks have moved to weighted sums of mattes, and what it counts for to their weights.
 * @param matte `fromWidth` x `fromHeight`
 * @param fields three planes of f32, `width` numbers for each row of blocks: how far across and down a pixel of the sums
 *   was, in pixels, and what it counts for
 * @param blocks rows of blocks
 * @param rows i32 for each row of the sums: the first of the two rows of blocks that it lies between
 * @param shares f32 for each row: the share of the second
 * @param sums `width` x `height` f32, as are the weights
 */
export function addMoved(
  matte: usize,
  fromWidth: i32,
  fromHeight: i32,
  fields: usize,
  blocks: i32,
  rows: usize,
  shares: usize,
  width: i32,
  height: i32,
  sums: usize,
  weights: usize,
): void {
  const stride = (<usize>width) << 2;
  const plane = <usize>blocks * stride;
  const half = f32x4.splat(0.5);
  for (let y = 0; y < height; y++) {
    const share = f32x4.splat(load<f32>(shares));
    const row = f32x4.splat(<f32>y);
    let across = fields + <usize>load<i32>(rows) * stride;
    for (let x = 0; x < width; x += 4) {
      const places = i32x4.add(i32x4.splat(x), i32x4(0, 1, 2, 3));
      const down = across + plane;
      const movedX = f32x4.add(f32x4.convert_i32x4_s(places), between(across, stride, share));
      const movedY = f32x4.add(row, between(down, stride, share));
      const fromX = i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.add(movedX, half)));
      const fromY = i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.add(movedY, half)));
      const isInside = v128.and(
        v128.and(i32x4.lt_u(fromX, i32x4.splat(fromWidth)), i32x4.lt_u(fromY, i32x4.splat(fromHeight))),
        // Lanes behind the row's end add nothing to the next one.
        i32x4.lt_s(places, i32x4.splat(width)),
      );
      const from = v128.and(isInside, i32x4.add(i32x4.mul(fromY, i32x4.splat(fromWidth)), fromX));
      const values = f32x4(
        <f32>load<u8>(matte + <usize>i32x4.extract_lane(from, 0)),
        <f32>load<u8>(matte + <usize>i32x4.extract_lane(from, 1)),
        <f32>load<u8>(matte + <usize>i32x4.extract_lane(from, 2)),
        <f32>load<u8>(matte + <usize>i32x4.extract_lane(from, 3)),
      );
      const counts = v128.and(isInside, between(down + plane, stride, share));
      v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(counts, values)));
      v128.store(weights, f32x4.add(v128.load(weights), counts));
      across += 16;
      sums += 16;
      weights += 16;
    }
    // Back over the lanes behind the row's end.
    const beyond = (<usize>(-width & 3)) << 2;
    sums -= beyond;
    weights -= beyond;
    rows += 4;
    shares += 4;
  }
}

/** Four numbers and those below them, mixed. */
// @ts-ignore: decorator
@inline
function between(at: usize, stride: usize, share: v128): v128 {
  const upper = v128.load(at);
  return f32x4.add(upper, f32x4.mul(f32x4.sub(v128.load(at + stride), upper), share));
}
