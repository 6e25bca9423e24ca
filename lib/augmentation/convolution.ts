import type { Effect, Stage } from './types';

/** A neighbour of the middle pixel and its weight. */
export interface Tap {
  x: number;
  y: number;
  weight: number;
}

/** The taps of a square of weights, row by row, that are not 0. */
export function tapsOf(weights: ArrayLike<number>): Tap[] {
  const side = Math.sqrt(weights.length);
  const middle = side >> 1;
  return Array.from(weights, (weight, at) => ({
    x: (at % side) - middle,
    y: Math.floor(at / side) - middle,
    weight,
  })).filter(({ weight }) => weight !== 0);
}

/** Weighted sums of neighbours, one after the other; beyond the border the picture is mirrored. */
export function convolution(...kernels: Tap[][]): Effect[] {
  return kernels.map((taps) => ({ kind: 'pass', run: (stage, from, to) => convolve(stage, taps, from, to) }));
}

function convolve({ arena, width, height }: Stage, taps: readonly Tap[], from: number, to: number): void {
  const border = Math.max(...taps.map(({ x, y }) => Math.max(Math.abs(x), Math.abs(y))));
  const stride = (width + 2 * border) * 3;
  const padded = arena.take(stride * (height + 2 * border));
  arena.kernels.pad(from, width, height, 3, border, 0, padded);
  const { bytes, shift } = pack(taps, stride);
  const at = arena.put(bytes);
  const first = padded + border * stride + border * 3;
  arena.kernels.convolve(first, stride, width * 3, height, at, bytes.length / 3, shift, to);
}

/** As kernels/convolve.ts reads them: pairs of taps, three i32 each. */
function pack(taps: readonly Tap[], stride: number): { bytes: Int32Array; shift: number } {
  const most = Math.max(...taps.map(({ weight }) => Math.abs(weight)));
  const shift = Math.min(14, Math.floor(Math.log2(32767 / most)));
  const scaled = whole(
    taps.map(({ weight }) => weight),
    2 ** shift,
  );
  const bytes = new Int32Array(3 * Math.ceil(taps.length / 2));
  taps.forEach(({ x, y }, at) => {
    const pair = 3 * (at >> 1);
    bytes[pair + (at & 1)] = y * stride + x * 3;
    bytes[pair + 2] |= at & 1 ? scaled[at] << 16 : scaled[at] & 0xffff;
  });
  return { bytes, shift };
}

/** Weights as whole numbers whose sum is what it has to be: flat areas keep their level. */
function whole(weights: readonly number[], scale: number): number[] {
  const rounded = weights.map((weight) => Math.round(weight * scale));
  const wanted = Math.round(weights.reduce((sum, weight) => sum + weight, 0) * scale);
  const missing = wanted - rounded.reduce((sum, weight) => sum + weight, 0);
  const largest = rounded.indexOf(Math.max(...rounded));
  rounded[largest] += missing;
  return rounded;
}
