import type { Alpha, RgbImage } from '../../lib/contracts';
import { matte, paint } from '../image/pictures';

export const SIDE = 96;

/** A smooth picture: what is sampled twice stays the same. */
export const smooth: RgbImage = paint(SIDE, SIDE, (x, y) => [
  128 + 70 * Math.sin(x / 23),
  120 + 60 * Math.cos(y / 19 + x / 41),
  100 + 0.7 * x,
]);

/** A product in it, and its hard and its soft matte. */
const inside = (x: number, y: number) => (x - 50) ** 2 / 500 + (y - 44) ** 2 / 900;
export const hard: Alpha = matte(SIDE, SIDE, (x, y) => (inside(x, y) < 1 ? 255 : 0));
export const soft: Alpha = matte(SIDE, SIDE, (x, y) =>
  Math.max(0, Math.min(255, 255 * 4 * (1.2 - inside(x, y)))),
);
export const product: RgbImage = paint(SIDE, SIDE, (x, y) =>
  inside(x, y) < 1 ? [200, 40, 60] : [90, 110, 130],
);
export const background: RgbImage = paint(SIDE, SIDE, () => [90, 110, 130]);
