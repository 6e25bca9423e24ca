import { lerp } from './light';

/** Places in equal steps along a row of the plane. */
export interface Row {
  x: number;
  y: number;
  /** From each place to the next. */
  step: number;
}

/** Any places, each near the one before it. */
export interface Places {
  x: Float32Array;
  y: Float32Array;
}

/**
 * Adds gradient noise, which never repeats and has no seams: about -1..1, 0 on average, times `strength`.
 * After K. Perlin, "Improving noise", SIGGRAPH 2002, with a hash in place of the table, which would repeat.
 * @param size of its cells, in units of x and y
 */
export function addNoise(out: Float32Array, at: Row | Places, seed: number, strength = 1, size = 1): void {
  if ('step' in at) addAlongRow(out, at, seed, 1.5 * strength, size);
  else addAtPlaces(out, at, seed, 1.5 * strength, size);
}

export interface Layers {
  octaves: number;
  /** Size of what can still be seen, in units of x and y: finer octaves are left out. */
  smallest?: number;
  strength?: number;
}

/** Adds noise of several sizes, each half of the one before and half as strong. */
export function addLayers(
  out: Float32Array,
  at: Row | Places,
  seed: number,
  { octaves, smallest = 0, strength = 1 }: Layers,
): void {
  let part = 0.5 * strength;
  let size = 1;
  for (let octave = 0; octave < octaves && size > smallest; octave++) {
    const fade = size > 2 * smallest ? 1 : size / smallest - 1;
    addNoise(out, at, seed + octave, fade * part, size);
    part /= 2;
    size /= 2;
  }
}

/** 0..1, as if by chance, for a pair of whole numbers. */
export function chance(x: number, y: number, seed: number): number {
  return (hash(x, y, seed) >>> 0) / 0x100000000;
}

/** Eight directions: along the axes and the diagonals. */
const ACROSS = Float64Array.of(1, -1, 1, -1, 1.4, -1.4, 0, 0);
const DOWN = Float64Array.of(1, 1, -1, -1, 0, 0, 1.4, -1.4);

/** Along a row, slopes change at the borders of cells only: left and right of a cell are straight lines over x. */
function addAlongRow(out: Float32Array, at: Row, seed: number, strength: number, size: number): void {
  const [start, step, y] = [at.x / size, at.step / size, at.y / size];
  const row = Math.floor(y);
  const fy = y - row;
  const v = smooth(fy);
  for (let index = 0; index < out.length;) {
    const column = Math.floor(start + index * step);
    const end = Math.min(out.length, Math.max(index + 1, Math.ceil((column + 1 - start) / step)));
    const [a, b] = [direction(column, row, seed), direction(column + 1, row, seed)];
    const [c, d] = [direction(column, row + 1, seed), direction(column + 1, row + 1, seed)];
    const left = strength * lerp(ACROSS[a], ACROSS[c], v);
    const right = strength * lerp(ACROSS[b], ACROSS[d], v);
    const leftAt0 = strength * lerp(DOWN[a] * fy, DOWN[c] * (fy - 1), v);
    const rightAt0 = strength * lerp(DOWN[b] * fy, DOWN[d] * (fy - 1), v) - right;
    for (; index < end; index++) {
      const fx = start + index * step - column;
      const from = left * fx + leftAt0;
      out[index] += from + (right * fx + rightAt0 - from) * smooth(fx);
    }
  }
}

function addAtPlaces(out: Float32Array, at: Places, seed: number, strength: number, size: number): void {
  let [column, row] = [NaN, NaN];
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let index = 0; index < out.length; index++) {
    const x = at.x[index] / size;
    const y = at.y[index] / size;
    if (!(x >= column && x < column + 1 && y >= row && y < row + 1)) {
      column = Math.floor(x);
      row = Math.floor(y);
      a = direction(column, row, seed);
      b = direction(column + 1, row, seed);
      c = direction(column, row + 1, seed);
      d = direction(column + 1, row + 1, seed);
    }
    const fx = x - column;
    const fy = y - row;
    const u = smooth(fx);
    const above = lerp(slope(a, fx, fy), slope(b, fx - 1, fy), u);
    const below = lerp(slope(c, fx, fy - 1), slope(d, fx - 1, fy - 1), u);
    out[index] += strength * lerp(above, below, smooth(fy));
  }
}

function slope(direction: number, dx: number, dy: number): number {
  return ACROSS[direction] * dx + DOWN[direction] * dy;
}

function smooth(share: number): number {
  return share * share * share * (share * (share * 6 - 15) + 10);
}

function direction(x: number, y: number, seed: number): number {
  return hash(x, y, seed) & 7;
}

/** Mixes bits after T. Wang's and R. Jenkins' integer hashes. */
function hash(x: number, y: number, seed: number): number {
  let bits = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
