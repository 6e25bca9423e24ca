import { lerp, smoothstep } from '../light';
import { addLayers, addNoise, chance } from '../noise';
import { linesOf, shade, stretched } from './shade';
import type { MakeSurface, SurfaceRow } from './types';

/** How wide a board is, and how long, in widths of the frame. */
const BOARD = 0.3;
const LENGTH = 2.6;

/** Boards from left to right, each cut from another place of the tree. */
export const wood: MakeSurface = (material) => {
  const { seed, length } = material;
  const [bend, rings, dark] = linesOf(length, 3);
  return (row, out) => {
    const { x, y, step, pixel } = row;
    const board = Math.floor(y / BOARD);
    const shift = chance(board, 1, seed) * LENGTH;
    const across = y / BOARD - board;
    const toSide = Math.min(across, 1 - across) * BOARD;
    bend.fill(0);
    rings.fill(0);
    for (let from = 0, to = 0; from < length; from = to) {
      const piece = Math.floor((x + from * step + shift) / LENGTH);
      const ends = (piece + 1) * LENGTH - shift;
      to = Math.min(length, Math.max(from + 1, Math.ceil((ends - x) / step)));
      const own = seed + 101 * board + 977 * piece;
      const tone = chance(board, piece, seed + 9) - 0.5;
      grow(own, 0.4 + 0.28 * tone, { ...row, x: x + from * step }, from, to);
    }
    shade(material, dark, out);
    const joint = Math.max(0.0022, 2 * pixel);
    for (let index = 0; index < length; index++) {
      const along = x + index * step + shift;
      const end = along - LENGTH * Math.floor(along / LENGTH);
      const gap = Math.min(toSide, end, LENGTH - end);
      if (gap >= joint) continue;
      const light = lerp(0.45, 1, smoothstep(0, joint, gap));
      for (let c = 0; c < 3; c++) out[index * 3 + c] *= light;
    }
  };

  /** How dark a piece of wood is from one pixel of the row to another. */
  function grow(own: number, tone: number, row: SurfaceRow, from: number, to: number): void {
    const { y, pixel } = row;
    const [bent, ring, shown] = [bend, rings, dark].map((line) => line.subarray(from, to));
    addNoise(bent, stretched(row, 0.7, 1.5), own);
    addLayers(ring, stretched(row, 0.9, 4), own + 3, { octaves: 3, smallest: 3 * pixel });
    // Growth rings, cut at a slant.
    const seen = fade(1 / 16, pixel);
    for (let index = 0; index < shown.length; index++) {
      const turn = (y + 0.03 * bent[index]) * 16 + 1.6 * ring[index];
      const wave = 0.5 + 0.5 * Math.sin(2 * Math.PI * turn);
      shown[index] = tone + 0.26 * seen * (wave * wave - 0.5) + 0.2 * bent[index];
    }
    const grain = { octaves: 3, smallest: 60 * pixel, strength: 0.34 };
    addLayers(shown, stretched(row, 5, 90), own + 5, grain);
    const fibre = fade(1 / 420, pixel);
    if (fibre > 0) addNoise(shown, stretched(row, 22, 420), own + 7, 0.12 * fibre);
  }
};

/** How much is left of a pattern of this period where a pixel shows so much of it. */
function fade(period: number, pixel: number): number {
  return 1 - smoothstep(0.25 * period, 0.6 * period, pixel);
}
