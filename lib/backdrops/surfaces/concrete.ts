import { lerp, smoothstep } from '../light';
import { layered, noise } from '../noise';
import type { MakeSurface } from './types';

/** Cast concrete: clouds of moisture, grit, and a few pores. */
export const concrete: MakeSurface = ({ base, accent, seed }) => {
  return (u, v, pixel, out, at) => {
    const cloud = layered(u * 1.7, v * 1.7, seed, 5, 2 * pixel);
    const stain = layered(u * 4.2 + cloud, v * 4.2 - cloud, seed + 13, 4, 5 * pixel);
    const grit = noise(u * 260, v * 260, seed + 19) * (1 - smoothstep(0.001, 0.0035, pixel));
    const place = noise(u * 75, v * 75, seed + 29);
    const pore = smoothstep(0.93, 1.02, place) * (1 - smoothstep(0.002, 0.006, pixel));
    const dark = 0.36 + 0.42 * cloud + 0.3 * stain + 0.07 * grit + 0.3 * pore;
    for (let c = 0; c < 3; c++) out[at + c] = lerp(base[c], accent[c], Math.min(1, Math.max(0, dark)));
  };
};
