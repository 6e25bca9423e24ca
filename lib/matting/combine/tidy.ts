import { findRegions, gaussianBlur } from '../../image';
import type { Size } from '../squares';

/** Standard deviation in pixels over which the steps of an outline are smoothed, and how steep it is made again. */
const STEPS = 1.2;
const STEEPNESS = 3;
/** What a network leaves of sure ground and takes from sure product. */
const HAZE = 0.05;
/** A ghost is nowhere more than this. */
const GHOST = 0.5;
/** Less cannot be told from nothing in 8 bits. */
const LEAST = 0.004;

/** Takes the steps of whole pixels out of an outline, which show where it is enlarged. Values 0..1. */
export function smoothSteps(matte: Float32Array, { width, height }: Size): Float32Array {
  const smooth = gaussianBlur(matte, width, height, STEPS);
  for (let i = 0; i < smooth.length; i++) smooth[i] = clamp((smooth[i] - 0.5) * STEEPNESS + 0.5);
  return smooth;
}

/**
 * Takes away, in place, what nobody would publish: haze over the ground, a veil over the product, and ghosts, which are
 * never more product than ground, as are their likes within the product. A ghost that is all there is stays, for a person
 * to look at.
 * @param matte 0..1
 */
export function clearHaze(matte: Float32Array, size: Size): void {
  let most = 0;
  for (let i = 0; i < matte.length; i++) {
    const value = clamp((matte[i] - HAZE) / (1 - 2 * HAZE));
    matte[i] = value;
    if (value > most) most = value;
  }
  if (most < GHOST) return;
  for (const sure of [0, 1]) removeGhosts(matte, size, sure);
}

/** Regions that depart from `sure`, 0 or 1, but nowhere by half become it. */
function removeGhosts(matte: Float32Array, { width, height }: Size, sure: number): void {
  const departs = new Uint8Array(matte.length);
  const [low, high] = [sure - LEAST, sure + LEAST];
  for (let i = 0; i < matte.length; i++) if (matte[i] < low || matte[i] > high) departs[i] = 1;
  const { areas, starts, ends, of } = findRegions(departs, width, height, { from: 1, to: 1 });
  const most = new Float32Array(areas.length);
  for (let run = 0; run < of.length; run++) {
    const region = of[run];
    for (let i = starts[run]; i < ends[run] && most[region] < GHOST; i++)
      most[region] = Math.max(most[region], Math.abs(matte[i] - sure));
  }
  for (let run = 0; run < of.length; run++) {
    if (most[of[run]] < GHOST) matte.fill(sure, starts[run], ends[run]);
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
