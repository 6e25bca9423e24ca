/** Sets of pixels up to this many are not cut further. */
const LEAF = 40;

/** Pixels that are eliminated together, after those of all children. */
export interface Front {
  /** Numbers of the pixels. */
  pivots: Int32Array;
  children: Front[];
}

/**
 * Nested dissection (A. George, 1973): an order of elimination that keeps a factorisation sparse. Pixels interact over at
 * most two columns or rows, so two neighbouring ones, taken out last, cut the rest in two; and so on within each half.
 * @param xs @param ys of every unknown pixel
 * @returns the roots of the elimination trees
 */
export function dissect(xs: Int32Array, ys: Int32Array): Front[] {
  const order = Int32Array.from({ length: xs.length }, (_, i) => i);
  return cut(order, xs, ys);
}

function cut(pixels: Int32Array, xs: Int32Array, ys: Int32Array): Front[] {
  if (!pixels.length) return [];
  if (pixels.length <= LEAF) return [{ pivots: pixels, children: [] }];
  const [left, right] = range(pixels, xs);
  const [top, bottom] = range(pixels, ys);
  const along = right - left >= bottom - top ? xs : ys;
  const at = along === xs ? bestCut(pixels, xs, left, right) : bestCut(pixels, ys, top, bottom);
  const before = pixels.filter((pixel) => along[pixel] < at);
  const behind = pixels.filter((pixel) => along[pixel] > at + 1);
  const between = pixels.filter((pixel) => along[pixel] === at || along[pixel] === at + 1);
  const children = [...cut(before, xs, ys), ...cut(behind, xs, ys)];
  return between.length ? [{ pivots: between, children }] : children;
}

function range(pixels: Int32Array, places: Int32Array): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < pixels.length; i++) {
    const place = places[pixels[i]];
    if (place < least) least = place;
    if (place > most) most = place;
  }
  return [least, most];
}

/** Where two lines of few pixels, of those from `first` to `last`, leave halves of like size. */
function bestCut(pixels: Int32Array, places: Int32Array, first: number, last: number): number {
  const counts = new Int32Array(last - first + 1);
  for (let i = 0; i < pixels.length; i++) counts[places[pixels[i]] - first]++;
  let best = (last - first) >> 1;
  let least = Infinity;
  let before = counts[0];
  for (let line = 1; line + 2 < counts.length; line++) {
    const taken = counts[line] + counts[line + 1];
    const cost = taken / Math.min(before, pixels.length - before - taken);
    if (cost < least) {
      least = cost;
      best = line;
    }
    before += counts[line];
  }
  return first + best;
}
