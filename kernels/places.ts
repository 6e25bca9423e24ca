// Places of one row's pixels, as two lists of f32: where in the source they come from. Lists hold whole vectors.

/** The places of the pixels themselves. */
export function startRow(x: usize, y: usize, count: i32, row: f32): void {
  const rows = f32x4.splat(row);
  let columns = f32x4(0, 1, 2, 3);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    v128.store(x + at, columns);
    v128.store(y + at, rows);
    columns = f32x4.add(columns, f32x4.splat(4));
  }
}

/** A projective map; `matrix` is nine f32, row by row. */
export function project(x: usize, y: usize, count: i32, matrix: usize): void {
  const a = v128.load32_splat(matrix);
  const b = v128.load32_splat(matrix, 4);
  const c = v128.load32_splat(matrix, 8);
  const d = v128.load32_splat(matrix, 12);
  const e = v128.load32_splat(matrix, 16);
  const f = v128.load32_splat(matrix, 20);
  const g = v128.load32_splat(matrix, 24);
  const h = v128.load32_splat(matrix, 28);
  const i = v128.load32_splat(matrix, 32);
  const flat = load<f32>(matrix, 24) == 0 && load<f32>(matrix, 28) == 0 && load<f32>(matrix, 32) == 1;
  for (let n = 0; n < count; n += 4) {
    const at = <usize>n << 2;
    const u = v128.load(x + at);
    const v = v128.load(y + at);
    let across = f32x4.add(f32x4.add(f32x4.mul(a, u), f32x4.mul(b, v)), c);
    let down = f32x4.add(f32x4.add(f32x4.mul(d, u), f32x4.mul(e, v)), f);
    if (!flat) {
      const depth = f32x4.add(f32x4.add(f32x4.mul(g, u), f32x4.mul(h, v)), i);
      across = f32x4.div(across, depth);
      down = f32x4.div(down, depth);
    }
    v128.store(x + at, across);
    v128.store(y + at, down);
  }
}

/**
 * A lens: seen from (`fromX`, `fromY`) in units of `scaleX` and `scaleY`, a place moves to 1 + k1 r^2 + k2 r^4 times
 * its distance, around (`toX`, `toY`).
 */
export function bend(
  x: usize,
  y: usize,
  count: i32,
  fromX: f32,
  fromY: f32,
  toX: f32,
  toY: f32,
  scaleX: f32,
  scaleY: f32,
  k1: f32,
  k2: f32,
): void {
  for (let n = 0; n < count; n += 4) {
    const at = <usize>n << 2;
    const across = f32x4.sub(v128.load(x + at), f32x4.splat(fromX));
    const down = f32x4.sub(v128.load(y + at), f32x4.splat(fromY));
    const u = f32x4.div(across, f32x4.splat(scaleX));
    const v = f32x4.div(down, f32x4.splat(scaleY));
    const r = f32x4.add(f32x4.mul(u, u), f32x4.mul(v, v));
    const far = f32x4.add(f32x4.splat(k1), f32x4.mul(f32x4.splat(k2), r));
    const times = f32x4.add(f32x4.splat(1), f32x4.mul(r, far));
    v128.store(x + at, f32x4.add(f32x4.mul(across, times), f32x4.splat(toX)));
    v128.store(y + at, f32x4.add(f32x4.mul(down, times), f32x4.splat(toY)));
  }
}

/** Columns and rows move apart: a list of f32 says where each pixel of an axis goes. */
export function lookUp(x: usize, count: i32, list: usize, length: i32): void {
  const last = f32x4.splat(<f32>(length - 1));
  for (let n = 0; n < count; n += 4) {
    const at = x + (<usize>n << 2);
    const place = v128.load(at);
    const inside = f32x4.max(f32x4.splat(0), f32x4.min(last, place));
    const cells = i32x4.min_s(i32x4.splat(length - 2), i32x4.trunc_sat_f32x4_s(inside));
    const a = v128.load64_zero(list + (<usize>i32x4.extract_lane(cells, 0) << 2));
    const b = v128.load64_zero(list + (<usize>i32x4.extract_lane(cells, 1) << 2));
    const c = v128.load64_zero(list + (<usize>i32x4.extract_lane(cells, 2) << 2));
    const d = v128.load64_zero(list + (<usize>i32x4.extract_lane(cells, 3) << 2));
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const from = v128.shuffle<i64>(ab, cd, 0, 2);
    const to = v128.shuffle<i64>(ab, cd, 1, 3);
    const share = f32x4.sub(inside, f32x4.convert_i32x4_s(cells));
    const found = f32x4.add(from, f32x4.mul(f32x4.sub(to, from), share));
    v128.store(at, f32x4.add(found, f32x4.sub(place, inside)));
  }
}

/**
 * A field of shifts, in pixels: two grids of f32 whose nodes lie `step` pixels apart, the first one at (0, 0). Between
 * nodes the shift is bilinear, beyond the last ones it holds.
 */
export function shift(
  x: usize,
  y: usize,
  count: i32,
  across: usize,
  down: usize,
  columns: i32,
  rows: i32,
  step: f32,
): void {
  const right = <f32>(columns - 1);
  const low = <f32>(rows - 1);
  const inverse: f32 = 1 / step;
  for (let n = 0; n < count; n++) {
    const at = <usize>n << 2;
    const u = max<f32>(0, min<f32>(right, load<f32>(x + at) * inverse));
    const v = max<f32>(0, min<f32>(low, load<f32>(y + at) * inverse));
    const column = min(columns - 2, <i32>u);
    const row = min(rows - 2, <i32>v);
    const node = <usize>(row * columns + column) << 2;
    const next = <usize>columns << 2;
    const share = u - <f32>column;
    const depth = v - <f32>row;
    store<f32>(x + at, load<f32>(x + at) + bilinear(across + node, next, share, depth));
    store<f32>(y + at, load<f32>(y + at) + bilinear(down + node, next, share, depth));
  }
}

// @ts-ignore: decorator
@inline
function bilinear(at: usize, next: usize, u: f32, v: f32): f32 {
  const a = load<f32>(at);
  const c = load<f32>(at + next);
  const above = a + (load<f32>(at, 4) - a) * u;
  const below = c + (load<f32>(at + next, 4) - c) * u;
  return above + (below - above) * v;
}

/** Places as whole numbers of 1/256 pixel, i32. */
export function toFixed(x: usize, count: i32, out: usize): void {
  for (let n = 0; n < count; n += 4) {
    const at = <usize>n << 2;
    const scaled = f32x4.add(f32x4.mul(v128.load(x + at), f32x4.splat(256)), f32x4.splat(0.5));
    v128.store(out + at, i32x4.trunc_sat_f32x4_s(f32x4.floor(scaled)));
  }
}

/**
 * How much of the source a row of the result shows: alpha times the area that each pixel has there. Pixels that come
 * from beyond the source show nothing of it.
 * @param x, y its places, f32
 * @param nextX, nextY those of the row below
 */
export function seenArea(
  x: usize,
  y: usize,
  nextX: usize,
  nextY: usize,
  alpha: usize,
  count: i32,
  width: i32,
  height: i32,
): f64 {
  const right = <f32>width - 0.5;
  const low = <f32>height - 0.5;
  let sum: f64 = 0;
  for (let n = 0; n < count; n++) {
    const cover = load<u8>(alpha + <usize>n);
    if (cover == 0) continue;
    const at = <usize>n << 2;
    const u = load<f32>(x + at);
    const v = load<f32>(y + at);
    if (u < -0.5 || v < -0.5 || u > right || v > low) continue;
    const side = n + 1 < count ? at : at - 4;
    const a = load<f32>(x + side, 4) - load<f32>(x + side);
    const b = load<f32>(y + side, 4) - load<f32>(y + side);
    const c = load<f32>(nextX + at) - u;
    const d = load<f32>(nextY + at) - v;
    sum += <f64>cover * <f64>abs<f32>(a * d - b * c);
  }
  return sum;
}
