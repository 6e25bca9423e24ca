import { toLinear } from './color';

/** How a file that has no ICC profile says what its numbers mean. */
export interface ColorSpace {
  /** CIE xy of red, green, blue and white; absent for grey. */
  primaries?: readonly Chromaticity[];
  /** Coded value 0..1 to linear light 0..1. */
  toLight: (value: number) => number;
}

/** CIE 1931 x and y. */
export type Chromaticity = readonly [number, number];

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

const D65: Chromaticity = [0.3127, 0.329];
/** Red, green, blue, white. */
export const SRGB: readonly Chromaticity[] = [[0.64, 0.33], [0.3, 0.6], [0.15, 0.06], D65];
/** Of the profile connection space (ICC.1, 7.2.16). */
const D50: Vector = [0.9642, 1, 0.8249];
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/** Colour primaries of ITU-T H.273, table 2, by code point; those left out are unspecified or never met. */
const PRIMARIES: Record<number, readonly Chromaticity[]> = {
  1: SRGB,
  4: [
    [0.67, 0.33],
    [0.21, 0.71],
    [0.14, 0.08],
    [0.31, 0.316],
  ],
  5: [[0.64, 0.33], [0.29, 0.6], [0.15, 0.06], D65],
  6: [[0.63, 0.34], [0.31, 0.595], [0.155, 0.07], D65],
  7: [[0.63, 0.34], [0.31, 0.595], [0.155, 0.07], D65],
  9: [[0.708, 0.292], [0.17, 0.797], [0.131, 0.046], D65],
  11: [
    [0.68, 0.32],
    [0.265, 0.69],
    [0.15, 0.06],
    [0.314, 0.351],
  ],
  12: [[0.68, 0.32], [0.265, 0.69], [0.15, 0.06], D65],
};

/** Transfer characteristics of ITU-T H.273, table 3. Those of video (1, 6, 14, 15) are shown as sRGB everywhere. */
const TRANSFERS: Record<number, (value: number) => number> = {
  4: (value) => value ** 2.2,
  5: (value) => value ** 2.8,
  8: (value) => value,
  16: (value) => compress(perceptualQuantizer(value)),
  18: (value) => compress(hybridLogGamma(value)),
};

/**
 * @param primaries @param transfer code points of ITU-T H.273, as in PNG's cICP and HEIF's nclx
 * @returns undefined for sRGB and whatever is shown as if it were
 */
export function codedSpace({
  primaries,
  transfer,
}: {
  primaries: number;
  transfer: number;
}): ColorSpace | undefined {
  const points = PRIMARIES[primaries] ?? SRGB;
  const toLight = TRANSFERS[transfer];
  return points === SRGB && !toLight ? undefined : { primaries: points, toLight: toLight ?? toLinear };
}

/** Nits of a white page in HDR pictures (ITU-R BT.2408), and of the brightest point that they are graded for. */
const [WHITE, PEAK] = [203, 1000];

/** SMPTE ST 2084: 0..1 to light, 1 being a white page. */
function perceptualQuantizer(value: number): number {
  const [m1, m2, c1, c2, c3] = [2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128];
  const power = value ** (1 / m2);
  return ((Math.max(0, power - c1) / (c2 - c3 * power)) ** (1 / m1) * 10_000) / WHITE;
}

/** ITU-R BT.2100 for a screen of `PEAK`: 0..1 to light, 1 being a white page. */
function hybridLogGamma(value: number): number {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  const scene = value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - c) / a) + b) / 12;
  return (scene ** 1.2 * PEAK) / WHITE;
}

/** Reinhard's curve with a white point (2002, equation 4), as browsers bring HDR to ordinary screens. */
function compress(light: number): number {
  const most = PEAK / WHITE;
  return Math.min(1, (light * (1 + light / most ** 2)) / (1 + light));
}

/** Steps of the tone curve; between them it is interpolated. */
const STEPS = 4096;

/**
 * A display profile (ICC.1:2001-04, matrix and tone curves) of a colour space: the one language that libvips
 * understands.
 */
export function iccProfile({ primaries, toLight }: ColorSpace): Buffer {
  const curve = Buffer.alloc(12 + 2 * STEPS);
  curve.write('curv', 'latin1');
  curve.writeUInt32BE(STEPS, 8);
  for (let step = 0; step < STEPS; step++) {
    const light = Math.min(1, Math.max(0, toLight(step / (STEPS - 1))));
    curve.writeUInt16BE(Math.round(light * 65_535), 12 + 2 * step);
  }
  const tags: Array<[string, Buffer]> = [
    ['desc', description('Coded colours')],
    ['cprt', Buffer.from('text\0\0\0\0None\0', 'latin1')],
    ['wtpt', xyz(D50)],
  ];
  if (!primaries) tags.push(['kTRC', curve]);
  else {
    const columns = transpose(toConnectionSpace(primaries));
    ['rXYZ', 'gXYZ', 'bXYZ'].forEach((tag, at) => tags.push([tag, xyz(columns[at])]));
    for (const tag of ['rTRC', 'gTRC', 'bTRC']) tags.push([tag, curve]);
  }
  return assemble(primaries ? 'RGB ' : 'GRAY', tags);
}

function assemble(space: string, tags: Array<[string, Buffer]>): Buffer {
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length);
  const places = new Map<Buffer, number>();
  const bodies: Buffer[] = [];
  let end = 128 + table.length;
  tags.forEach(([name, body], at) => {
    if (!places.has(body)) {
      places.set(body, end);
      const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
      bodies.push(padded);
      end += padded.length;
    }
    const entry = 4 + 12 * at;
    table.write(name, entry, 'latin1');
    table.writeUInt32BE(places.get(body)!, entry + 4);
    table.writeUInt32BE(body.length, entry + 8);
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(end, 0);
  header.writeUInt32BE(0x02400000, 8); // version 2.4
  header.write(`mntr${space}XYZ `, 12, 'latin1');
  header.writeUInt16BE(2000, 24);
  header.writeUInt16BE(1, 26);
  header.writeUInt16BE(1, 28);
  header.write('acsp', 36, 'latin1');
  xyz(D50).copy(header, 68, 8);
  return Buffer.concat([header, table, ...bodies]);
}

/** `desc` in plain ASCII, with its empty Unicode and Macintosh parts. */
function description(words: string): Buffer {
  const bytes = Buffer.alloc(12 + words.length + 1 + 4 + 4 + 2 + 1 + 67);
  bytes.write('desc', 'latin1');
  bytes.writeUInt32BE(words.length + 1, 8);
  bytes.write(words, 12, 'latin1');
  return bytes;
}

function xyz(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.write('XYZ ', 'latin1');
  values.forEach((value, at) => bytes.writeInt32BE(Math.round(value * 65_536), 8 + 4 * at));
  return bytes;
}

/** Linear RGB to XYZ under D50, adapted from the white of the primaries by Bradford's method; by rows. */
function toConnectionSpace(primaries: readonly Chromaticity[]): Matrix {
  const [red, green, blue, white] = primaries.map(([x, y]): Vector => [x / y, 1, (1 - x - y) / y]);
  const columns = transpose([red, green, blue]);
  const shares = apply(invert(columns), white);
  const scaled = three((row) => three((at) => columns[row][at] * shares[at]));
  const [from, to] = [apply(BRADFORD, white), apply(BRADFORD, D50)];
  const adapted = three((row) => three((at) => (BRADFORD[row][at] * to[row]) / from[row]));
  return multiply(multiply(invert(BRADFORD), adapted), scaled);
}

function three<T>(make: (at: number) => T): [T, T, T] {
  return [make(0), make(1), make(2)];
}

function apply(matrix: Matrix, [a, b, c]: Vector): Vector {
  return three((row) => matrix[row][0] * a + matrix[row][1] * b + matrix[row][2] * c);
}

function transpose(matrix: Matrix): Matrix {
  return three((row) => three((at) => matrix[at][row]));
}

function multiply(left: Matrix, right: Matrix): Matrix {
  const columns = transpose(right);
  return transpose(three((at) => apply(left, columns[at])));
}

/** By Cramer's rule. */
function invert([a, b, c]: Matrix): Matrix {
  const columns = [cross(b, c), cross(c, a), cross(a, b)];
  const determinant = three((at) => a[at] * columns[0][at]).reduce((sum, part) => sum + part);
  return three((row) => three((at) => columns[at][row] / determinant));
}

function cross(u: Vector, v: Vector): Vector {
  return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
}
