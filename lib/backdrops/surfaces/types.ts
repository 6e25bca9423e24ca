import type { Light3 } from '../types';

/** What a material is made from. */
export interface Material {
  /** Linear light of the look's floor and accent. */
  base: Light3;
  accent: Light3;
  seed: number;
}

/**
 * A material that goes on for ever: its colour at any place, so that there is nothing to repeat and no seam.
 * @param u to the right and `v` away from the camera, in widths of the frame where the product stands
 * @param pixel how much of the material a pixel shows there, in the same unit; what is finer has to be left out
 * @param out linear light, written from `at`
 */
export type Surface = (u: number, v: number, pixel: number, out: Float32Array, at: number) => void;

export type MakeSurface = (material: Material) => Surface;
