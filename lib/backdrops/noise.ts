/**
 * Gradient noise over the whole plane, which never repeats and has no seams: about -1..1, 0 on average.
 * After K. Perlin, "Improving noise", SIGGRAPH 2002, with a hash in place of the table, which would repeat.
 */
export function noise(x: number, y: number, seed: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const fx = x - column;
  const fy = y - row;
  const u = fx * fx * fx * (fx * (fx * 6 - 15) + 10);
  const v = fy * fy * fy * (fy * (fy * 6 - 15) + 10);
  const a = slope(hash(column, row, seed), fx, fy);
  const b = slope(hash(column + 1, row, seed), fx - 1, fy);
  const c = slope(hash(column, row + 1, seed), fx, fy - 1);
  const d = slope(hash(column + 1, row + 1, seed), fx - 1, fy - 1);
  const above = a + (b - a) * u;
  return 1.5 * (above + (c + (d - c) * u - above) * v);
}

/**
 * Noise of several sizes, each half of the one before and half as strong.
 * @param octaves how many of them
 * @param smallest size of what can still be seen, in units of x and y: finer octaves are left out
 */
export function layered(x: number, y: number, seed: number, octaves: number, smallest = 0): number {
  let sum = 0;
  let strength = 0.5;
  let size = 1;
  for (let octave = 0; octave < octaves && size > smallest; octave++) {
    const fade = size > 2 * smallest ? 1 : size / smallest - 1;
    sum += fade * strength * noise(x / size, y / size, seed + octave);
    strength /= 2;
    size /= 2;
  }
  return sum;
}

/** 0..1, as if by chance, for a pair of whole numbers. */
export function chance(x: number, y: number, seed: number): number {
  return (hash(x, y, seed) >>> 0) / 0x100000000;
}

/** Eight directions: along the axes and the diagonals. */
const ACROSS = Float64Array.of(1, -1, 1, -1, 1.4, -1.4, 0, 0);
const DOWN = Float64Array.of(1, 1, -1, -1, 0, 0, 1.4, -1.4);

function slope(bits: number, dx: number, dy: number): number {
  return ACROSS[bits & 7] * dx + DOWN[bits & 7] * dy;
}

/** Mixes bits after T. Wang's and R. Jenkins' integer hashes. */
function hash(x: number, y: number, seed: number): number {
  let bits = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
