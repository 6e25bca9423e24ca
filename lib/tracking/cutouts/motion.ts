import type { RgbImage } from '../../contracts';
import { sharedArena } from '../../kernels';

/** Pixels a side of the pictures that motion is measured on. */
const MOTION_SIDE = 96;
/** Pixels of a side of the blocks that have one motion each, and of what is compared around their centres. */
const BLOCK = 8;
const PATCH = 16;
/** Blocks of a side. */
export const MOTION_BLOCKS = MOTION_SIDE / BLOCK;
/** How far a block may have moved, in pixels each way. */
const RANGE = 5;
/** Mean difference (grey levels) at which a block still counts as found, by a third. */
const LEVELS = 14;

/** Grey levels of a window, `MOTION_SIDE` pixels a side. */
export type Thumbnail = Uint8Array;

/** How each block of one thumbnail lies in another. */
export interface Motion {
  /** Of each block, in shares of the window: where it lies in the other picture, from its own place. */
  across: Float32Array;
  down: Float32Array;
  /** How surely it was found, 0..1. */
  trust: Float32Array;
}

export function thumbnailOf({ data, width, height }: RgbImage): Thumbnail {
  const arena = sharedArena();
  return arena.scope(() => {
    const [picture, grey] = [arena.put(data), arena.take(width * height * 4)];
    const out = arena.take(MOTION_SIDE * MOTION_SIDE);
    arena.kernels.greyOf(picture, width * height, grey);
    arena.kernels.shrinkGrey(grey, width, height, MOTION_SIDE, MOTION_SIDE, out);
    return arena.bytes(out, MOTION_SIDE * MOTION_SIDE).slice();
  });
}

/** Finds the blocks of one picture in another: by the smallest sum of absolute differences, small motions first. */
export function motionBetween(one: Thumbnail, other: Thumbnail): Motion {
  const count = MOTION_BLOCKS ** 2;
  const [across, down, trust] = [0, 1, 2].map(() => new Float32Array(count));
  const arena = sharedArena();
  arena.scope(() => {
    const [here, there, out] = [arena.put(one), arena.put(other), arena.take(3 * 4)];
    const best = arena.integers(out, 3);
    for (let block = 0; block < count; block++) {
      const left = Math.max(0, (block % MOTION_BLOCKS) * BLOCK - (PATCH - BLOCK) / 2);
      const top = Math.max(0, Math.floor(block / MOTION_BLOCKS) * BLOCK - (PATCH - BLOCK) / 2);
      const [width, height] = [Math.min(PATCH, MOTION_SIDE - left), Math.min(PATCH, MOTION_SIDE - top)];
      const [right, bottom] = [MOTION_SIDE - left - width, MOTION_SIDE - top - height];
      const ranges = [left, right, top, bottom].map((room) => Math.min(RANGE, room));
      const at = top * MOTION_SIDE + left;
      // Where there is nothing to see, nothing has moved.
      arena.kernels.findPatch(here + at, there + at, MOTION_SIDE, width, height, ...ranges, PATCH, out);
      across[block] = best[1] / MOTION_SIDE;
      down[block] = best[2] / MOTION_SIDE;
      trust[block] = Math.exp(-best[0] / (width * height) / LEVELS);
    }
  });
  return { across, down, trust };
}
