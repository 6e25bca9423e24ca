import { smoothstep } from '../light';
import { addLayers, addNoise } from '../noise';
import { linesOf, shade, stretched } from './shade';
import type { MakeSurface } from './types';

/** Cast concrete: clouds of moisture, grit, and a few pores. */
export const concrete: MakeSurface = (material) => {
  const { seed, length } = material;
  const [dark, cloud, pores, x, y] = linesOf(length, 5);
  return (row, out) => {
    const { pixel } = row;
    cloud.fill(0);
    addLayers(cloud, stretched(row, 1.7, 1.7), seed, { octaves: 5, smallest: 2 * pixel });
    const { x: from, y: down, step } = stretched(row, 4.2, 4.2);
    for (let index = 0; index < length; index++) {
      dark[index] = 0.36 + 0.42 * cloud[index];
      x[index] = from + index * step + cloud[index];
      y[index] = down - cloud[index];
    }
    addLayers(dark, { x, y }, seed + 13, { octaves: 4, smallest: 5 * pixel, strength: 0.3 });
    const grit = 1 - smoothstep(0.001, 0.0035, pixel);
    if (grit > 0) addNoise(dark, stretched(row, 260, 260), seed + 19, 0.07 * grit);
    const pore = 1 - smoothstep(0.002, 0.006, pixel);
    if (pore > 0) {
      pores.fill(0);
      addNoise(pores, stretched(row, 75, 75), seed + 29);
      for (let index = 0; index < length; index++)
        if (pores[index] > 0.93) dark[index] += 0.3 * pore * smoothstep(0.93, 1.02, pores[index]);
    }
    shade(material, dark, out);
  };
};
