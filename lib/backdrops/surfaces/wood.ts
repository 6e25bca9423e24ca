import { lerp, smoothstep } from '../light';
import { chance, layered, noise } from '../noise';
import type { MakeSurface } from './types';

/** How wide a board is, and how long, in widths of the frame. */
const BOARD = 0.3;
const LENGTH = 2.6;

/** Boards from left to right, each cut from another place of the tree. */
export const wood: MakeSurface = ({ base, accent, seed }) => {
  return (u, v, pixel, out, at) => {
    const board = Math.floor(v / BOARD);
    const shift = chance(board, 1, seed) * LENGTH;
    const piece = Math.floor((u + shift) / LENGTH);
    const own = seed + 101 * board + 977 * piece;
    const across = v / BOARD - board;
    const bend = noise(u * 0.7, v * 1.5, own);
    // Growth rings, cut at a slant.
    const ring = (v + 0.03 * bend) * 16 + 1.6 * layered(u * 0.9, v * 4, own + 3, 3, 3 * pixel);
    const wave = 0.5 + 0.5 * Math.sin(2 * Math.PI * ring);
    const rings = lerp(0.5, wave * wave, fade(1 / 16, pixel));
    const grain = layered(u * 5, v * 90, own + 5, 3, 60 * pixel);
    const fibre = noise(u * 22, v * 420, own + 7) * fade(1 / 420, pixel);
    const tone = chance(board, piece, seed + 9) - 0.5;
    const dark = 0.4 + 0.26 * (rings - 0.5) + 0.34 * grain + 0.12 * fibre + 0.28 * tone + 0.2 * bend;
    const along = ((u + shift) / LENGTH - piece) * LENGTH;
    const gap = Math.min(Math.min(across, 1 - across) * BOARD, Math.min(along, LENGTH - along));
    const joint = lerp(0.45, 1, smoothstep(0, Math.max(0.0022, 2 * pixel), gap));
    for (let c = 0; c < 3; c++) {
      out[at + c] = lerp(base[c], accent[c], Math.min(1, Math.max(0, dark))) * joint;
    }
  };
};

/** How much is left of a pattern of this period where a pixel shows so much of it. */
function fade(period: number, pixel: number): number {
  return 1 - smoothstep(0.25 * period, 0.6 * period, pixel);
}
