import { smoothstep } from '../light';
import { addLayers, addNoise } from '../noise';
import { linesOf, shade, stretched } from './shade';
import type { MakeSurface } from './types';

/** Threads in a width of the frame. */
const THREADS = 150;

/** Plain weave of uneven threads, lying in soft folds. */
export const linen: MakeSurface = (material) => {
  const { seed, length } = material;
  const [dark, x, y, placeX, placeY, warp, weft] = linesOf(length, 7);
  return (row, out) => {
    const { pixel } = row;
    dark.fill(0.3);
    addLayers(dark, stretched(row, 30, 4), seed + 5, { octaves: 2, smallest: 30 * pixel, strength: 0.1 });
    addLayers(dark, stretched(row, 4, 30), seed + 6, { octaves: 2, smallest: 30 * pixel, strength: 0.1 });
    const folds = stretched(row, 1.3, 1.1, 0.4 * row.y);
    addLayers(dark, folds, seed + 7, { octaves: 3, smallest: 2 * pixel, strength: 0.34 });
    const seen = 1 - smoothstep(0.2 / THREADS, 0.7 / THREADS, pixel);
    if (seen > 0) weave(row.x, row.y, row.step, seen);
    shade(material, dark, out);
  };

  function weave(from: number, down: number, step: number, seen: number): void {
    const row = { x: from, y: down, step };
    for (let index = 0; index < length; index++) {
      x[index] = (from + index * step) * THREADS;
      y[index] = down * THREADS;
    }
    addNoise(x, stretched(row, 9, 3), seed, 0.35);
    addNoise(y, stretched(row, 3, 9), seed + 1, 0.35);
    // How thick the threads are, of those that run away from the camera and those across.
    thickness(weft, y, x, seed + 2);
    thickness(warp, x, y, seed + 3);
    for (let index = 0; index < length; index++) {
      const column = Math.floor(x[index]);
      const line = Math.floor(y[index]);
      // They take turns to lie on top.
      const over = (column + line) & 1;
      const [place, along] = over
        ? [x[index] - column, y[index] - line]
        : [y[index] - line, x[index] - column];
      const round = Math.sin(Math.PI * place) * (0.55 + 0.45 * Math.sin(Math.PI * along));
      dark[index] += seen * (0.62 * (0.64 - round) - 0.3 * (over ? warp : weft)[index]);
    }
  }

  function thickness(out: Float32Array, across: Float32Array, along: Float32Array, seed: number): void {
    for (let index = 0; index < length; index++) {
      placeX[index] = Math.floor(across[index]) * 0.71 + 3.3;
      placeY[index] = along[index] * 0.035;
    }
    out.fill(0);
    addNoise(out, { x: placeX, y: placeY }, seed);
  }
};
