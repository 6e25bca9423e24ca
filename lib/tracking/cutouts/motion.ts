import type { RgbImage } from '../../contracts';
import { resizeRgb } from '../../image';

/** Pixels a side of the pictures that motion is measured on. */
export const MOTION_SIDE = 96;
/** Pixels of a side of the blocks that have one motion each, and of what is compared around their centres. */
const BLOCK = 8;
const PATCH = 16;
/** How far a block may have moved, in pixels each way. */
const RANGE = 5;
/** Mean difference (grey levels) at which a block still counts as found, by a third. */
const LEVELS = 14;

/** Grey levels of a window, `MOTION_SIDE` pixels a side. */
export type Thumbnail = Uint8Array;

/** How each block of one thumbnail lies in another. */
export interface Motion {
  /** Blocks of a side. */
  side: number;
  /** Of each block, in shares of the window: where it lies in the other picture, from its own place. */
  across: Float32Array;
  down: Float32Array;
  /** How surely it was found, 0..1. */
  trust: Float32Array;
}

export async function thumbnailOf(image: RgbImage): Promise<Thumbnail> {
  const { data } = await resizeRgb(image, MOTION_SIDE, MOTION_SIDE);
  const grey = new Uint8Array(MOTION_SIDE * MOTION_SIDE);
  for (let i = 0; i < grey.length; i++)
    grey[i] = (data[i * 3] * 77 + data[i * 3 + 1] * 151 + data[i * 3 + 2] * 28) >> 8;
  return grey;
}

/** Finds the blocks of one picture in another: by the smallest sum of absolute differences, small motions first. */
export function motionBetween(one: Thumbnail, other: Thumbnail): Motion {
  const side = MOTION_SIDE / BLOCK;
  const found = { across: new Float32Array(side ** 2), down: new Float32Array(side ** 2) };
  const trust = new Float32Array(side ** 2);
  for (let block = 0; block < side ** 2; block++) {
    const left = Math.max(0, (block % side) * BLOCK - (PATCH - BLOCK) / 2);
    const top = Math.max(0, Math.floor(block / side) * BLOCK - (PATCH - BLOCK) / 2);
    const right = Math.min(MOTION_SIDE, left + PATCH);
    const bottom = Math.min(MOTION_SIDE, top + PATCH);
    let best = Infinity;
    for (let dy = Math.max(-RANGE, -top); dy <= Math.min(RANGE, MOTION_SIDE - bottom); dy++) {
      for (let dx = Math.max(-RANGE, -left); dx <= Math.min(RANGE, MOTION_SIDE - right); dx++) {
        // Where there is nothing to see, nothing has moved.
        let sum = (Math.abs(dx) + Math.abs(dy)) * PATCH;
        for (let y = top; y < bottom && sum < best; y++) {
          const row = y * MOTION_SIDE;
          const there = (y + dy) * MOTION_SIDE + dx;
          for (let x = left; x < right; x++) {
            const off = one[row + x] - other[there + x];
            sum += off < 0 ? -off : off;
          }
        }
        if (sum >= best) continue;
        best = sum;
        found.across[block] = dx / MOTION_SIDE;
        found.down[block] = dy / MOTION_SIDE;
      }
    }
    trust[block] = Math.exp(-best / ((right - left) * (bottom - top)) / LEVELS);
  }
  return { side, ...found, trust };
}
