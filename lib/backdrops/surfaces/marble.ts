import { addLayers } from '../noise';
import { linesOf, shade } from './shade';
import type { MakeSurface } from './types';

/** Polished stone: clouds, and veins where warped noise passes through nought. */
export const marble: MakeSurface = (material) => {
  const { seed, length } = material;
  const [x, y, bendX, bendY, cloud, dark] = linesOf(length, 6);
  return (row, out) => {
    const layers = { octaves: 3, smallest: 4 * row.pixel };
    for (const line of [bendX, bendY, cloud]) line.fill(0);
    for (let index = 0; index < length; index++) {
      const u = row.x + index * row.step;
      x[index] = 0.8 * (u * 2.1 + row.y * 0.8);
      y[index] = 0.8 * (row.y * 2.1 - u * 0.5);
    }
    addLayers(bendX, { x, y }, seed, layers);
    for (let index = 0; index < length; index++) {
      x[index] += 7.3;
      y[index] -= 3.1;
    }
    addLayers(bendY, { x, y }, seed + 11, layers);
    for (let index = 0; index < length; index++) {
      x[index] = 0.75 * (x[index] - 7.3) + bendX[index];
      y[index] = 0.75 * (y[index] + 3.1) + bendY[index];
    }
    addLayers(cloud, { x, y }, seed + 23, layers);
    for (let index = 0; index < length; index++) {
      const u = row.x + index * row.step;
      // Veins run across the slab in one direction, bent, and now and then split.
      const across = u * 2.1 + row.y * 0.8;
      const run = 0.45 * across + 0.9 * (row.y * 2.1 - u * 0.5);
      const [bentX, bentY] = [bendX[index], bendY[index]];
      const broad = vein(fold(0.8 * run + 0.62 * bentX + 0.2 * bentY), 0.028, layers.smallest);
      const fine = vein(fold(1.9 * run - 0.9 * across + 1.1 * bentY), 0.014, layers.smallest);
      const patch = Math.max(0, Math.min(1, 0.5 + 1.2 * cloud[index]));
      const strong = Math.max(0, Math.min(1, 0.45 + 1.6 * bentY));
      dark[index] = Math.min(0.85, 0.08 + 0.2 * cloud[index] + 0.5 * broad * strong + 0.22 * fine * patch);
    }
    shade(material, dark, out);
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
