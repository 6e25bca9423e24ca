import { lerp, smoothstep } from '../light';
import { layered, noise } from '../noise';
import type { MakeSurface } from './types';

/** Threads in a width of the frame. */
const THREADS = 150;

/** Plain weave of uneven threads, lying in soft folds. */
export const linen: MakeSurface = ({ base, accent, seed }) => {
  return (u, v, pixel, out, at) => {
    const slackU = 0.35 * noise(u * 9, v * 3, seed);
    const slackV = 0.35 * noise(u * 3, v * 9, seed + 1);
    const x = u * THREADS + slackU;
    const y = v * THREADS + slackV;
    const column = Math.floor(x);
    const row = Math.floor(y);
    // The threads take turns to lie on top.
    const over = (column + row) & 1;
    const [place, length, thread] = over ? [x - column, y - row, column] : [y - row, x - column, row];
    const round = Math.sin(Math.PI * place) * (0.55 + 0.45 * Math.sin(Math.PI * length));
    const thick = noise(thread * 0.71 + 3.3, (over ? y : x) * 0.035, seed + 2 + over);
    const weave = 0.62 * (0.64 - round) - 0.3 * thick;
    const seen = 1 - smoothstep(0.2 / THREADS, 0.7 / THREADS, pixel);
    const slub =
      0.1 * layered(u * 30, v * 4, seed + 5, 2, 30 * pixel) +
      0.1 * layered(u * 4, v * 30, seed + 6, 2, 30 * pixel);
    const fold = layered(u * 1.3 + 0.4 * v, v * 1.1, seed + 7, 3, 2 * pixel);
    const dark = 0.3 + seen * weave + slub + 0.34 * fold;
    for (let c = 0; c < 3; c++) out[at + c] = lerp(base[c], accent[c], Math.min(1, Math.max(0, dark)));
  };
};
