// The edge of a matte brought to where the picture has one: what ties pixels to their eight neighbours, and what becomes
// of them by it. Neighbours are right, below, below right, below left, then those opposite.

const NEIGHBOURS: usize = 8;

/** The square step in colour to a neighbour. */
// @ts-ignore: decorator
@inline
function step(one: usize, other: usize): f32 {
  const r = <i32>load<u8>(other) - <i32>load<u8>(one);
  const g = <i32>load<u8>(other, 1) - <i32>load<u8>(one, 1);
  const b = <i32>load<u8>(other, 2) - <i32>load<u8>(one, 2);
  return <f32>(r * r + g * g + b * b);
}

/**
 * The square steps of pixels to their neighbours, and their sums and numbers by square blocks of `side` pixels.
 * @param band indices of the pixels, i32, ascending
 * @param columns blocks of a row, with a rim of one all around
 * @param steps out: 8 f32 a pixel; -1 for a neighbour outside of the picture
 * @param sums f32 a block, to which its steps are added
 * @param counts f32 a block, to which their number is added
 * @param blocks out: i32 a pixel, its block
 */
export function measureSteps(
  picture: usize,
  width: i32,
  height: i32,
  band: usize,
  count: i32,
  side: i32,
  columns: i32,
  steps: usize,
  sums: usize,
  counts: usize,
  blocks: usize,
): void {
  const row = <usize>width * 3;
  const end = band + ((<usize>count) << 2);
  for (let from = band; from < end; from += 4) {
    const index = load<i32>(from);
    const y = index / width;
    const x = index - y * width;
    const at = picture + <usize>index * 3;
    const isLeft = x > 0;
    const isRight = x + 1 < width;
    const isAbove = y > 0;
    const isBelow = y + 1 < height;
    store<f32>(steps, isRight ? step(at, at + 3) : -1);
    store<f32>(steps, isBelow ? step(at, at + row) : -1, 4);
    store<f32>(steps, isRight && isBelow ? step(at, at + row + 3) : -1, 8);
    store<f32>(steps, isLeft && isBelow ? step(at, at + row - 3) : -1, 12);
    store<f32>(steps, isLeft ? step(at, at - 3) : -1, 16);
    store<f32>(steps, isAbove ? step(at, at - row) : -1, 20);
    store<f32>(steps, isLeft && isAbove ? step(at, at - row - 3) : -1, 24);
    store<f32>(steps, isRight && isAbove ? step(at, at - row + 3) : -1, 28);
    let sum: f32 = 0;
    let known: f32 = 0;
    for (let k: usize = 0; k < NEIGHBOURS; k++) {
      const each = load<f32>(steps + (k << 2));
      if (each < 0) continue;
      sum += each;
      known++;
    }
    const block = (y / side + 1) * columns + x / side + 1;
    const place = (<usize>block) << 2;
    store<f32>(sums + place, load<f32>(sums + place) + sum);
    store<f32>(counts + place, load<f32>(counts + place) + known);
    store<i32>(blocks, block);
    steps += NEIGHBOURS << 2;
    blocks += 4;
  }
}

/** e to the power of numbers from -87 to 0, and 0 below; to within 3e-7 of the result. */
// @ts-ignore: decorator
@inline
function exp(values: v128): v128 {
  const turns = f32x4.mul(f32x4.max(values, f32x4.splat(-87)), f32x4.splat(1.44269504));
  const whole = f32x4.nearest(turns);
  // 2 to the power of -0.5..0.5, by its Taylor series.
  const rest = f32x4.mul(f32x4.sub(turns, whole), f32x4.splat(0.69314718));
  let power = f32x4.splat(1.0 / 720);
  power = f32x4.add(f32x4.mul(power, rest), f32x4.splat(1.0 / 120));
  power = f32x4.add(f32x4.mul(power, rest), f32x4.splat(1.0 / 24));
  power = f32x4.add(f32x4.mul(power, rest), f32x4.splat(1.0 / 6));
  power = f32x4.add(f32x4.mul(power, rest), f32x4.splat(0.5));
  power = f32x4.add(f32x4.mul(power, rest), f32x4.splat(1));
  power = f32x4.add(f32x4.mul(power, rest), f32x4.splat(1));
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return f32x4.mul(power, scale);
}

/**
 * Steps become ties, in place: `pull` times `e ** (step * rate)`, and 0 for a neighbour outside of the picture. What a
 * pixel wants for itself becomes that less what its neighbours would pull it by if all of them were ground: half of its
 * ties.
 * @param blocks as `measureSteps` wrote them
 * @param rates f32 a block, under 0
 * @param pull of the four neighbours beside, above and below; those across pull by `across`
 * @param wishes f32 a pixel
 */
export function tie(
  steps: usize,
  count: i32,
  blocks: usize,
  rates: usize,
  pull: f32,
  across: f32,
  wishes: usize,
): void {
  const pulls = f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(pull), 2, across), 3, across);
  const end = wishes + ((<usize>count) << 2);
  for (; wishes < end; wishes += 4) {
    const rate = f32x4.splat(load<f32>(rates + ((<usize>load<i32>(blocks)) << 2)));
    const first = v128.load(steps);
    const second = v128.load(steps, 16);
    const ahead = f32x4.mul(pulls, exp(f32x4.mul(first, rate)));
    const behind = f32x4.mul(pulls, exp(f32x4.mul(second, rate)));
    const one = v128.andnot(ahead, f32x4.lt(first, f32x4.splat(0)));
    const other = v128.andnot(behind, f32x4.lt(second, f32x4.splat(0)));
    v128.store(steps, one);
    v128.store(steps, other, 16);
    const both = f32x4.add(one, other);
    const sum =
      f32x4.extract_lane(both, 0) +
      f32x4.extract_lane(both, 1) +
      f32x4.extract_lane(both, 2) +
      f32x4.extract_lane(both, 3);
    store<f32>(wishes, load<f32>(wishes) - sum / 2);
    steps += NEIGHBOURS << 2;
    blocks += 4;
  }
}

/** Log-odds are looked up up to here, in steps of 1 / FINE: beyond, a pixel is as good as 0 or 1. */
const FARTHEST: f32 = 16;
const FINE: f32 = 128;

/** To within 1e-5. */
// @ts-ignore: decorator
@inline
function sigmoid(value: f32, table: usize): f32 {
  if (value <= -FARTHEST) return 0;
  if (value >= FARTHEST) return 1;
  const place = (value + FARTHEST) * FINE;
  const first = <i32>place;
  const at = table + ((<usize>first) << 2);
  const low = load<f32>(at);
  return low + (load<f32>(at, 4) - low) * (place - <f32>first);
}

/**
 * Each pixel of the band takes the value that its neighbours' and its own wish make likely, one after the other, to and
 * fro, so that no direction is favoured.
 * @param field 0..1, f32, one row and one pixel of room before and behind it
 * @param table of the sigmoid from -16 to 16 in steps of 1 / 128, and one more
 */
export function sweep(
  field: usize,
  width: i32,
  band: usize,
  count: i32,
  ties: usize,
  wishes: usize,
  table: usize,
  sweeps: i32,
): void {
  const row = (<usize>width) << 2;
  for (let n = 0; n < sweeps; n++) {
    const isBack = n & 1;
    for (let i = 0; i < count; i++) {
      const place = <usize>(isBack ? count - 1 - i : i);
      const at = field + ((<usize>load<i32>(band + (place << 2))) << 2);
      const own = ties + (place << 5);
      // The pixels of the same row come last: one of them may just be on its way to memory.
      const pull =
        load<f32>(wishes + (place << 2)) +
        load<f32>(own, 4) * load<f32>(at + row) +
        load<f32>(own, 8) * load<f32>(at + row, 4) +
        load<f32>(own, 12) * load<f32>(at + row - 4) +
        load<f32>(own, 20) * load<f32>(at - row) +
        load<f32>(own, 24) * load<f32>(at - row - 4) +
        load<f32>(own, 28) * load<f32>(at - row + 4) +
        load<f32>(own) * load<f32>(at, 4) +
        load<f32>(own, 16) * load<f32>(at - 4);
      store<f32>(at, sigmoid(pull, table));
    }
  }
}
