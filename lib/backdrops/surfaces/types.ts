import type { Row } from '../noise';
import type { Light3 } from '../types';

/** What a material is made from. */
export interface Material {
  /** Linear light of the look's floor and accent. */
  base: Light3;
  accent: Light3;
  seed: number;
  /** Pixels of a row. */
  length: number;
}

/** Where a row of pixels lies: x to the right, y away from the camera, in widths of the frame where the product stands. */
export interface SurfaceRow extends Row {
  /** How much of the material a pixel shows there, in the same unit; what is finer has to be left out. */
  pixel: number;
}

/**
 * A material that goes on for ever: its colour at any place, so that there is nothing to repeat and no seam.
 * @param out linear light, interleaved
 */
export type Surface = (row: SurfaceRow, out: Float32Array) => void;

export type MakeSurface = (material: Material) => Surface;
