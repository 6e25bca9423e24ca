import { lerp } from '../light';
import { layered } from '../noise';
import type { MakeSurface } from './types';

/** Polished stone: clouds, and veins where warped noise passes through nought. */
export const marble: MakeSurface = ({ base, accent, seed }) => {
  return (u, v, pixel, out, at) => {
    const x = u * 2.1 + v * 0.8;
    const y = v * 2.1 - u * 0.5;
    const smallest = 4 * pixel;
    const bendX = layered(x * 0.8, y * 0.8, seed, 3, smallest);
    const bendY = layered(x * 0.8 + 7.3, y * 0.8 - 3.1, seed + 11, 3, smallest);
    const cloud = layered(x * 0.6 + bendX, y * 0.6 + bendY, seed + 23, 3, smallest);
    // Veins run across the slab in one direction, bent, and now and then split.
    const run = 0.45 * x + 0.9 * y;
    const broad = vein(fold(0.8 * run + 0.62 * bendX + 0.2 * bendY), 0.028, smallest);
    const fine = vein(fold(1.9 * run - 0.9 * x + 1.1 * bendY), 0.014, smallest);
    const patch = Math.max(0, Math.min(1, 0.5 + 1.2 * cloud));
    const strong = Math.max(0, Math.min(1, 0.45 + 1.6 * bendY));
    const dark = Math.min(0.85, 0.08 + 0.2 * cloud + 0.5 * broad * strong + 0.22 * fine * patch);
    for (let c = 0; c < 3; c++) out[at + c] = lerp(base[c], accent[c], Math.max(0, dark));
  };
};

/** Distance to the nearest whole number, 0..0.5. */
function fold(value: number): number {
  return Math.abs(value - Math.round(value));
}

/** 1 on the line, falling off within `width`; a line finer than a pixel becomes fainter, not broken. */
function vein(value: number, width: number, smallest: number): number {
  const seen = Math.max(width, smallest);
  const off = value / seen;
  return width / seen / (1 + off * off * off);
}
