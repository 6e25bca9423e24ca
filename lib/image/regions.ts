/** Which pixels belong together. */
export interface RegionOptions {
  /** Values that count as inside, 0..255, both ends included. */
  from: number;
  to: number;
  /** Whether pixels that touch at a corner are connected (8 neighbours instead of 4). Default: no. */
  diagonals?: boolean;
}

/** Connected regions, kept as horizontal runs of pixels. */
export interface Regions {
  /** Pixels of each region. Regions are in reading order of their first pixels. */
  areas: Int32Array;
  /** 1 where a region touches the border of the picture. */
  atBorder: Uint8Array;
  /** Index of the first pixel of each run. Runs are in reading order and stay within a row. */
  starts: Int32Array;
  /** Index after the last pixel of each run. */
  ends: Int32Array;
  /** The region of each run. */
  of: Int32Array;
}

/**
 * Finds connected regions of pixels within a range of values. It joins runs of pixels, not pixels, so its cost is
 * that of reading the plane once.
 * @param data one channel, row-major without padding
 */
export function findRegions(
  data: Uint8Array,
  width: number,
  height: number,
  options: RegionOptions,
): Regions {
  const inside = new Uint8Array(256).fill(1, options.from, options.to + 1);
  const reach = options.diagonals ? 1 : 0;
  const runs = new Runs();
  let above = 0;
  for (let y = 0; y < height; y++) {
    const first = runs.count;
    const end = (y + 1) * width;
    for (let at = y * width; ; at++) {
      while (at < end && inside[data[at]] === 0) at++;
      if (at === end) break;
      const start = at;
      while (at < end && inside[data[at]] === 1) at++;
      runs.add(start, at);
      if (at === end) break;
    }
    runs.joinRows(above, first, width, reach);
    above = first;
  }
  return runs.regions(width, height);
}

/** Runs with a forest over them: a run's parent is an earlier run of its region, or itself. */
class Runs {
  count = 0;
  private starts = new Int32Array(4096);
  private ends = new Int32Array(4096);
  private parents = new Int32Array(4096);

  add(start: number, end: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts);
      this.ends = doubled(this.ends);
      this.parents = doubled(this.parents);
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.parents[this.count] = this.count++;
  }

  /** Joins the runs from `first` on with those of the row above, which begin at `above`. */
  joinRows(above: number, first: number, width: number, reach: number): void {
    const { starts, ends, count } = this;
    let up = above;
    for (let run = first; run < count; run++) {
      const from = starts[run] - width - reach;
      const to = ends[run] - width + reach;
      while (up < first && ends[up] <= from) up++;
      for (let each = up; each < first && starts[each] < to; each++) this.join(each, run);
    }
  }

  regions(width: number, height: number): Regions {
    const { count } = this;
    const starts = this.starts.slice(0, count);
    const ends = this.ends.slice(0, count);
    const of = this.parents.slice(0, count);
    let regions = 0;
    for (let run = 0; run < count; run++) of[run] = of[run] === run ? regions++ : of[of[run]];
    const areas = new Int32Array(regions);
    const atBorder = new Uint8Array(regions);
    const lastRow = width * (height - 1);
    for (let run = 0; run < count; run++) {
      areas[of[run]] += ends[run] - starts[run];
      const edge = starts[run] < width || starts[run] >= lastRow;
      if (edge || starts[run] % width === 0 || ends[run] % width === 0) atBorder[of[run]] = 1;
    }
    return { areas, atBorder, starts, ends, of };
  }

  private join(a: number, b: number): void {
    const first = this.root(a);
    const second = this.root(b);
    if (first < second) this.parents[second] = first;
    else this.parents[first] = second;
  }

  private root(run: number): number {
    const { parents } = this;
    while (parents[run] !== run) run = parents[run] = parents[parents[run]];
    return run;
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
