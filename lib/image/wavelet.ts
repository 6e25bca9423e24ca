/** Four planes of scratch memory, at least as large as the plane worked on. */
export type Workspace = [Float32Array, Float32Array, Float32Array, Float32Array];

/**
 * Shrinks the detail of a plane where it is no stronger than noise, in place: an undecimated ("a trous") wavelet
 * transform with the 1-2-1 kernel, each coefficient weighted by (E - n) / E, where E is the local energy of its level
 * and n the energy that noise has there.
 * @param sigma standard deviation of the noise, in the plane's units
 * @param levels number of scales, each twice as coarse as the one before
 */
export function shrinkDetail(
  plane: Float32Array,
  width: number,
  height: number,
  sigma: number,
  levels: number,
  [coarse, rows, energy, kept]: Workspace,
): void {
  const count = width * height;
  kept.fill(0, 0, count);
  for (let level = 0; level < levels; level++) {
    const noise = (sigma * detailNorm(level)) ** 2;
    smooth(plane, rows, coarse, width, height, 2 ** level);
    for (let at = 0; at < count; at++) {
      const detail = plane[at] - coarse[at];
      energy[at] = detail * detail;
    }
    localMean(energy, rows, width, height, 2 + level);
    for (let at = 0; at < count; at++) {
      const local = energy[at];
      if (local > noise) kept[at] += ((plane[at] - coarse[at]) * (local - noise)) / local;
      plane[at] = coarse[at];
    }
  }
  for (let at = 0; at < count; at++) plane[at] += kept[at];
}

/**
 * How strong white noise of standard deviation 1 is in a level's detail. With g the one-dimensional low pass of a level
 * and h that of the next, the detail kernel is g g' - h h' and its squared norm |g|^4 - 2 (g.h)^2 + |h|^4.
 */
export function detailNorm(level: number): number {
  const fine = lowPass(level);
  const coarse = lowPass(level + 1);
  const dot = (a: number[], b: number[]) => {
    const shift = (b.length - a.length) / 2;
    return a.reduce((sum, value, at) => sum + value * b[at + shift], 0);
  };
  return Math.sqrt(dot(fine, fine) ** 2 - 2 * dot(fine, coarse) ** 2 + dot(coarse, coarse) ** 2);
}

function lowPass(levels: number): number[] {
  let kernel = [1];
  for (let level = 0; level < levels; level++) {
    const gap = 2 ** level;
    const next = new Array<number>(kernel.length + 2 * gap).fill(0);
    kernel.forEach((value, at) => {
      next[at] += value / 4;
      next[at + gap] += value / 2;
      next[at + 2 * gap] += value / 4;
    });
    kernel = next;
  }
  return kernel;
}

/** 1-2-1 in both directions with `gap` pixels between the taps, the border repeated. */
function smooth(
  from: Float32Array,
  rows: Float32Array,
  to: Float32Array,
  width: number,
  height: number,
  gap: number,
): void {
  const edge = Math.min(gap, width);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    const end = start + width;
    for (let at = start; at < start + edge; at++) {
      rows[at] = 0.25 * from[start] + 0.5 * from[at] + 0.25 * from[Math.min(end - 1, at + gap)];
    }
    for (let at = start + edge; at < end - edge; at++) {
      rows[at] = 0.25 * (from[at - gap] + from[at + gap]) + 0.5 * from[at];
    }
    for (let at = Math.max(start + edge, end - edge); at < end; at++) {
      rows[at] = 0.25 * from[at - gap] + 0.5 * from[at] + 0.25 * from[end - 1];
    }
  }
  for (let y = 0; y < height; y++) {
    const above = Math.max(0, y - gap) * width;
    const below = Math.min(height - 1, y + gap) * width;
    const start = y * width;
    for (let x = 0; x < width; x++) {
      to[start + x] = 0.25 * (rows[above + x] + rows[below + x]) + 0.5 * rows[start + x];
    }
  }
}

/** Mean over squares of `2 * radius + 1` pixels, in place; the outermost `radius` pixels are left unspecified. */
function localMean(
  plane: Float32Array,
  rows: Float32Array,
  width: number,
  height: number,
  radius: number,
): void {
  const size = 2 * radius + 1;
  if (width < size || height < size) return;
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let sum = 0;
    for (let at = start; at < start + size - 1; at++) sum += plane[at];
    for (let at = start + radius; at < start + width - radius; at++) {
      sum += plane[at + radius];
      rows[at] = sum;
      sum -= plane[at - radius];
    }
  }
  const scale = 1 / (size * size);
  const sums = new Float64Array(width);
  for (let y = 0; y < size - 1; y++) for (let x = 0; x < width; x++) sums[x] += rows[y * width + x];
  for (let y = radius; y < height - radius; y++) {
    const enter = (y + radius) * width;
    const leave = (y - radius) * width;
    const start = y * width;
    for (let x = radius; x < width - radius; x++) {
      sums[x] += rows[enter + x];
      const mean = sums[x] * scale;
      plane[start + x] = mean > 0 ? mean : 0;
      sums[x] -= rows[leave + x];
    }
  }
}
