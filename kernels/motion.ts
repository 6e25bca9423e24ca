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
  for (let y = 0; y < height; y++) {
    const share = load<f32>(shares);
    let across = fields + <usize>load<i32>(rows) * stride;
    for (let x = 0; x < width; x++) {
      const down = across + plane;
      const count = down + plane;
      const fromX = <i32>floor<f32>(<f32>x + between(across, stride, share) + 0.5);
      const fromY = <i32>floor<f32>(<f32>y + between(down, stride, share) + 0.5);
      if (<u32>fromX < <u32>fromWidth && <u32>fromY < <u32>fromHeight) {
        const counts = between(count, stride, share);
        const value = <f32>load<u8>(matte + <usize>(fromY * fromWidth + fromX));
        store<f32>(sums, load<f32>(sums) + counts * value);
        store<f32>(weights, load<f32>(weights) + counts);
      }
      across += 4;
      sums += 4;
      weights += 4;
    }
    rows += 4;
    shares += 4;
  }
}

/** A number and the one below it, mixed. */
// @ts-ignore: decorator
@inline
function between(at: usize, stride: usize, share: f32): f32 {
  const upper = load<f32>(at);
  return upper + (load<f32>(at + stride) - upper) * share;
}
