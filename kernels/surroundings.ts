// The colours of product and backdrop around an edge; see lib/matting/surroundings.ts. Grids are sparse: a table gives the
// number of each block that takes part, -1 for the others. A block's sums are 12 f32: r, g, b and square of the product,
// each times its weight, the same of the backdrop, both weights, and two that are 0. Its means are 8 f32.

const SUMS: usize = 48;
const MEANS: usize = 32;

/** A block's number; where it takes no part `nothing`, that of the zeros behind all others. */
// @ts-ignore: decorator
@inline
function blockAt(numbers: usize, width: i32, height: i32, x: i32, y: i32, nothing: i32): i32 {
  if (x < 0 || y < 0 || x >= width || y >= height) return nothing;
  const number = load<i32>(numbers + ((<usize>(y * width + x)) << 2));
  return number < 0 ? nothing : number;
}

/**
 * The sums of blocks of 2 x 2 pixels, means over those that lie inside of the picture.
 * @param picture RGB
 * @param alpha bytes
 * @param places i32 a block: row times `columns`, and column
 * @param weights 256 f32: what a pixel of that alpha counts for as product
 * @param sums out
 */
export function sumBlocks(
  picture: usize,
  alpha: usize,
  width: i32,
  height: i32,
  places: usize,
  count: i32,
  columns: i32,
  weights: usize,
  sums: usize,
): void {
  for (let n = 0; n < count; n++, sums += SUMS) {
    const place = load<i32>(places + ((<usize>n) << 2));
    const row = place / columns;
    const left = (place - row * columns) * 2;
    const bottom = min(height, row * 2 + 2);
    const right = min(width, left + 2);
    let product = f32x4.splat(0);
    let backdrop = f32x4.splat(0);
    let front: f32 = 0;
    let back: f32 = 0;
    for (let y = row * 2; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const pixel = <usize>(y * width + x);
        const value = <usize>load<u8>(alpha + pixel);
        const at = picture + pixel * 3;
        const r = <i32>load<u8>(at);
        const g = <i32>load<u8>(at, 1);
        const b = <i32>load<u8>(at, 2);
        const whole = f32x4.convert_i32x4_s(i32x4(r, g, b, 0));
        const colour = f32x4.replace_lane(whole, 3, <f32>(r * r + g * g + b * b) / 3);
        const own = load<f32>(weights + (value << 2));
        const other = load<f32>(weights + ((255 - value) << 2));
        product = f32x4.add(product, f32x4.mul(f32x4.splat(own), colour));
        backdrop = f32x4.add(backdrop, f32x4.mul(f32x4.splat(other), colour));
        front += own;
        back += other;
      }
    }
    const share: f32 = <f32>1 / <f32>((bottom - row * 2) * (right - left));
    v128.store(sums, f32x4.mul(product, f32x4.splat(share)));
    v128.store(sums, f32x4.mul(backdrop, f32x4.splat(share)), 16);
    v128.store(sums, f32x4(front * share, back * share, 0, 0), 32);
  }
}

/**
 * The sums of blocks twice as large: means of those of their four that take part.
 * @param finer sums of the smaller blocks, with 0 behind the last of them
 * @param numbers of the smaller blocks, whose grid is `width` x `height`; `total` of them take part
 * @param places of the larger blocks
 * @param sums out
 */
export function pullBlocks(
  finer: usize,
  numbers: usize,
  width: i32,
  height: i32,
  total: i32,
  places: usize,
  count: i32,
  columns: i32,
  sums: usize,
): void {
  for (let n = 0; n < count; n++, sums += SUMS) {
    const place = load<i32>(places + ((<usize>n) << 2));
    const row = place / columns;
    const left = (place - row * columns) * 2;
    let product = f32x4.splat(0);
    let backdrop = f32x4.splat(0);
    let weights = f32x4.splat(0);
    let known = 0;
    for (let y = row * 2; y < row * 2 + 2; y++) {
      for (let x = left; x < left + 2; x++) {
        const block = blockAt(numbers, width, height, x, y, total);
        const from = finer + <usize>block * SUMS;
        product = f32x4.add(product, v128.load(from));
        backdrop = f32x4.add(backdrop, v128.load(from, 16));
        weights = f32x4.add(weights, v128.load(from, 32));
        if (block < total) known++;
      }
    }
    const share = f32x4.splat(<f32>1 / <f32>known);
    v128.store(sums, f32x4.mul(product, share));
    v128.store(sums, f32x4.mul(backdrop, share), 16);
    v128.store(sums, f32x4.mul(weights, share), 32);
  }
}

/** The weight of a block itself in a blur over three. */
const CENTRE: f32 = 6;

/**
 * The means of those blocks that are asked for: of their own sums and those of the eight blocks around, and, with the
 * weight `less`, of the means of the larger blocks around.
 * @param sums of the blocks, with 0 behind the last of them
 * @param numbers of the blocks, whose grid is `width` x `height`; `total` of them take part
 * @param places of the blocks that this call is about, `count` of them, the first being number `first`
 * @param wanted bytes by number, not 0 where a block is asked for
 * @param larger means of the larger blocks, with 0 behind the last of them
 * @param largerNumbers of the larger blocks, whose grid is `across` x `down`; `largerTotal` of them take part, 0: there
 *   are none
 * @param means out, by number
 */
export function pushBlocks(
  sums: usize,
  numbers: usize,
  width: i32,
  height: i32,
  total: i32,
  places: usize,
  first: i32,
  count: i32,
  wanted: usize,
  larger: usize,
  largerNumbers: usize,
  across: i32,
  down: i32,
  largerTotal: i32,
  less: f32,
  means: usize,
): void {
  for (let n = first; n < first + count; n++) {
    if (load<u8>(wanted + <usize>n) == 0) continue;
    const place = load<i32>(places + ((<usize>(n - first)) << 2));
    const y = place / width;
    const x = place - y * width;
    let product = f32x4.splat(0);
    let backdrop = f32x4.splat(0);
    let weights = f32x4.splat(0);
    let known: f32 = 0;
    for (let row = y - 1; row <= y + 1; row++) {
      for (let column = x - 1; column <= x + 1; column++) {
        const block = blockAt(numbers, width, height, column, row, total);
        if (block == total) continue;
        const weight: f32 = (row == y ? CENTRE : 1) * (column == x ? CENTRE : 1);
        const from = sums + <usize>block * SUMS;
        const each = f32x4.splat(weight);
        product = f32x4.add(product, f32x4.mul(each, v128.load(from)));
        backdrop = f32x4.add(backdrop, f32x4.mul(each, v128.load(from, 16)));
        weights = f32x4.add(weights, f32x4.mul(each, v128.load(from, 32)));
        known += weight;
      }
    }
    let front = f32x4.splat(0);
    let back = f32x4.splat(0);
    if (largerTotal > 0) {
      // Between the four larger blocks whose centres are around this one's.
      const left = (x - 1) >> 1;
      const top = (y - 1) >> 1;
      const right: f32 = x & 1 ? 0.25 : 0.75;
      const below: f32 = y & 1 ? 0.25 : 0.75;
      let near: f32 = 0;
      for (let row = 0; row < 2; row++) {
        for (let column = 0; column < 2; column++) {
          const block = blockAt(largerNumbers, across, down, left + column, top + row, largerTotal);
          if (block == largerTotal) continue;
          const weight = (column ? right : 1 - right) * (row ? below : 1 - below);
          const from = larger + <usize>block * MEANS;
          front = f32x4.add(front, f32x4.mul(f32x4.splat(weight), v128.load(from)));
          back = f32x4.add(back, f32x4.mul(f32x4.splat(weight), v128.load(from, 16)));
          near += weight;
        }
      }
      const scale = f32x4.splat(less / near);
      front = f32x4.mul(front, scale);
      back = f32x4.mul(back, scale);
    }
    const own = f32x4.splat(<f32>1 / known);
    const to = means + <usize>n * MEANS;
    const one = f32x4.splat(f32x4.extract_lane(weights, 0) / known + less);
    const two = f32x4.splat(f32x4.extract_lane(weights, 1) / known + less);
    v128.store(to, f32x4.div(f32x4.add(f32x4.mul(product, own), front), one));
    v128.store(to, f32x4.div(f32x4.add(f32x4.mul(backdrop, own), back), two), 16);
  }
}
