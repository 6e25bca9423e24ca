// Means over windows of a line, by running sums in double precision; see lib/image/blur.ts. Planes are f32. A window holds
// `radius` values to each side, and `edge` times the next one; `inverse` holds an f64 for each position of a line: one over
// the sum of the weights inside the picture.

/** One value each of four lines. */
// @ts-ignore: decorator
@inline
function gather(one: usize, two: usize, three: usize, four: usize, at: usize): v128 {
  return f32x4(load<f32>(one + at), load<f32>(two + at), load<f32>(three + at), load<f32>(four + at));
}

// @ts-ignore: decorator
@inline
function low(values: v128): v128 {
  return f64x2.promote_low_f32x4(values);
}

// @ts-ignore: decorator
@inline
function high(values: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(values, values, 2, 3, 2, 3));
}

// @ts-ignore: decorator
@inline
function joined(first: v128, second: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 1, 4, 5);
}

/** Each row, four at a time. */
export function blurRows(
  from: usize,
  to: usize,
  width: i32,
  height: i32,
  radius: i32,
  edge: f64,
  inverse: usize,
): void {
  const row = (<usize>width) << 2;
  const weight = f64x2.splat(edge);
  for (let y = 0; y < height; y += 4) {
    const first = row * <usize>y;
    const second = row * <usize>min(height - 1, y + 1);
    const third = row * <usize>min(height - 1, y + 2);
    const fourth = row * <usize>min(height - 1, y + 3);
    const a = from + first;
    const b = from + second;
    const c = from + third;
    const d = from + fourth;
    let one = f64x2.splat(0);
    let two = f64x2.splat(0);
    for (let x = 0; x < min(radius, width); x++) {
      const values = gather(a, b, c, d, (<usize>x) << 2);
      one = f64x2.add(one, low(values));
      two = f64x2.add(two, high(values));
    }
    for (let x = 0; x < width; x++) {
      if (x + radius < width) {
        const values = gather(a, b, c, d, (<usize>(x + radius)) << 2);
        one = f64x2.add(one, low(values));
        two = f64x2.add(two, high(values));
      }
      let before = f32x4.splat(0);
      if (x > radius) {
        before = gather(a, b, c, d, (<usize>(x - radius - 1)) << 2);
        one = f64x2.sub(one, low(before));
        two = f64x2.sub(two, high(before));
      }
      let all = one;
      let rest = two;
      if (edge != 0) {
        const after =
          x + radius + 1 < width ? gather(a, b, c, d, (<usize>(x + radius + 1)) << 2) : f32x4.splat(0);
        all = f64x2.add(all, f64x2.mul(weight, f64x2.add(low(before), low(after))));
        rest = f64x2.add(rest, f64x2.mul(weight, f64x2.add(high(before), high(after))));
      }
      const scale = f64x2.splat(load<f64>(inverse + ((<usize>x) << 3)));
      const means = joined(f64x2.mul(all, scale), f64x2.mul(rest, scale));
      const at = to + ((<usize>x) << 2);
      store<f32>(at + first, f32x4.extract_lane(means, 0));
      store<f32>(at + second, f32x4.extract_lane(means, 1));
      store<f32>(at + third, f32x4.extract_lane(means, 2));
      store<f32>(at + fourth, f32x4.extract_lane(means, 3));
    }
  }
}

/**
 * Each column, four at a time.
 * @param from with the rows' values one behind the other, `width` a multiple of four
 */
export function blurColumns(
  from: usize,
  to: usize,
  width: i32,
  height: i32,
  radius: i32,
  edge: f64,
  inverse: usize,
): void {
  const row = (<usize>width) << 2;
  const weight = f64x2.splat(edge);
  for (let x = 0; x < width; x += 4) {
    const column = from + ((<usize>x) << 2);
    let one = f64x2.splat(0);
    let two = f64x2.splat(0);
    for (let y = 0; y < min(radius, height); y++) {
      const values = v128.load(column + row * <usize>y);
      one = f64x2.add(one, low(values));
      two = f64x2.add(two, high(values));
    }
    for (let y = 0; y < height; y++) {
      if (y + radius < height) {
        const values = v128.load(column + row * <usize>(y + radius));
        one = f64x2.add(one, low(values));
        two = f64x2.add(two, high(values));
      }
      let before = f32x4.splat(0);
      if (y > radius) {
        before = v128.load(column + row * <usize>(y - radius - 1));
        one = f64x2.sub(one, low(before));
        two = f64x2.sub(two, high(before));
      }
      let all = one;
      let rest = two;
      if (edge != 0) {
        const after = y + radius + 1 < height ? v128.load(column + row * <usize>(y + radius + 1)) : f32x4.splat(0);
        all = f64x2.add(f64x2.add(all, f64x2.mul(weight, low(before))), f64x2.mul(weight, low(after)));
        rest = f64x2.add(f64x2.add(rest, f64x2.mul(weight, high(before))), f64x2.mul(weight, high(after)));
      }
      const scale = f64x2.splat(load<f64>(inverse + ((<usize>y) << 3)));
      const at = to + ((<usize>x) << 2) + row * <usize>y;
      v128.store(at, joined(f64x2.mul(all, scale), f64x2.mul(rest, scale)));
    }
  }
}
