import { lerp } from '../light';
import { addLayers } from '../noise';
import { linesOf, shade } from './shade';
import type { MakeSurface } from './types';

/** Octaves of bends and clouds; the cells of the finest have this size. */
const OCTAVES = 3;
const FINEST = 0.5 ** (OCTAVES - 1);
/** How fast the places of the noise go along the slab. */
const PACE = 0.8 * 2.1;
/** Bends and clouds are smooth: so many places in the finest cell are enough, and what is between them is on a line. */
const PLACES = 24;
const MOST_SKIPPED = 8;

/** Polished stone: clouds, and veins where warped noise passes through nought. */
export const marble: MakeSurface = (material) => {
  const { seed, length } = material;
  const [dark] = linesOf(length, 1);
  const spare = linesOf(length + 1, 5);
  return (row, out) => {
    const stride = Math.max(1, Math.min(MOST_SKIPPED, Math.floor(FINEST / (PACE * row.step * PLACES))));
    const count = Math.ceil(length / stride) + 1;
    const [x, y, bendX, bendY, cloud] = spare.map((line) => line.subarray(0, count));
    const layers = { octaves: OCTAVES, smallest: 4 * row.pixel };
    for (const line of [bendX, bendY, cloud]) line.fill(0);
    for (let place = 0; place < count; place++) {
      const u = row.x + place * stride * row.step;
      x[place] = 0.8 * (u * 2.1 + row.y * 0.8);
      y[place] = 0.8 * (row.y * 2.1 - u * 0.5);
    }
    addLayers(bendX, { x, y }, seed, layers);
    for (let place = 0; place < count; place++) {
      x[place] += 7.3;
      y[place] -= 3.1;
    }
    addLayers(bendY, { x, y }, seed + 11, layers);
    for (let place = 0; place < count; place++) {
      x[place] = 0.75 * (x[place] - 7.3) + bendX[place];
      y[place] = 0.75 * (y[place] + 3.1) + bendY[place];
    }
    addLayers(cloud, { x, y }, seed + 23, layers);
    for (let index = 0; index < length; index++) {
      const place = Math.floor(index / stride);
      const share = index / stride - place;
      const bentX = lerp(bendX[place], bendX[place + 1], share);
      const bentY = lerp(bendY[place], bendY[place + 1], share);
      const clouded = lerp(cloud[place], cloud[place + 1], share);
      const u = row.x + index * row.step;
      // Veins run across the slab in one direction, bent, and now and then split.
      const across = u * 2.1 + row.y * 0.8;
      const run = 0.45 * across + 0.9 * (row.y * 2.1 - u * 0.5);
      const broad = vein(fold(0.8 * run + 0.62 * bentX + 0.2 * bentY), 0.028, layers.smallest);
      const fine = vein(fold(1.9 * run - 0.9 * across + 1.1 * bentY), 0.014, layers.smallest);
      const patch = Math.max(0, Math.min(1, 0.5 + 1.2 * clouded));
      const strong = Math.max(0, Math.min(1, 0.45 + 1.6 * bentY));
      dark[index] = Math.min(0.85, 0.08 + 0.2 * clouded + 0.5 * broad * strong + 0.22 * fine * patch);
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
