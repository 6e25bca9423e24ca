import { setImmediate } from 'node:timers/promises';
import { type Alpha, throwIfAborted } from '../../contracts';
import { boxBlur } from '../../image';
import { sharedArena } from '../../kernels';
import { overlapOf } from './pieces';
import { LOST, type ObjectMask } from './types';
import { MOTION_BLOCKS, type Motion, motionBetween } from './motion';
import type { Sighting } from './sighting';

/** Frames before and after that a matte is steadied by. */
const REACH = 3;
/**
 * An edge that was moved a little off differs one way on its one side and the other way on its other; a part that is
 * missing differs one way all over. Means over squares of so many pixels a side, in shares of the matte's, that differ by
 * less than the first are left alone, those that differ by more than the second are taken.
 */
const PART = 0.03;
const [SAME, OTHER] = [0.08, 0.2];

/**
 * Steadies the mattes of an object by those of the frames around: each is brought to where the object's parts lie now,
 * as far as they can be found again, and joined with the frame's own.
 * @param sightings are let go as soon as no frame needs them
 * @throws VitrineError CANCELLED
 */
export async function fuse(sightings: (Sighting | undefined)[], signal: AbortSignal): Promise<ObjectMask[]> {
  const masks: ObjectMask[] = [];
  for (const [index, sighting] of sightings.entries()) {
    // A signal is heard between two frames only.
    await setImmediate();
    throwIfAborted(signal);
    masks.push(sighting ? maskOf(sighting, index, sightings) : LOST);
    if (index >= REACH) sightings[index - REACH] = undefined;
  }
  return masks;
}

function maskOf(sighting: Sighting, index: number, sightings: readonly (Sighting | undefined)[]): ObjectMask {
  const alpha = steadied(sighting, index, sightings);
  // A frame that the others contradict is as unsure as one that the network is undecided about.
  const score = sighting.decided * overlapOf(sighting.alpha, alpha);
  return { alpha, box: sighting.window, score, lost: false };
}

function steadied(
  { alpha, thumbnail }: Sighting,
  index: number,
  sightings: readonly (Sighting | undefined)[],
): Alpha {
  const { width, height } = alpha;
  const others: Moved[] = [];
  for (let near = index - REACH; near <= index + REACH; near++) {
    const other = sightings[near];
    if (near === index || !other) continue;
    const motion = motionBetween(thumbnail, other.thumbnail);
    others.push({ matte: other.alpha, motion, weight: 1 / Math.abs(near - index) });
  }
  const off = differences(alpha, others);
  const radius = Math.max(1, Math.round((PART * Math.max(width, height)) / 2));
  const differs = boxBlur(off, width, height, radius);
  const data = alpha.data.slice();
  for (let i = 0; i < data.length; i++) {
    const amount = differs[i] < 0 ? -differs[i] : differs[i];
    const share = (amount / 255 - SAME) / (OTHER - SAME);
    if (share > 0) data[i] += off[i] * (share < 1 ? share : 1) + 0.5;
  }
  return { data, width, height };
}

/** A matte of another frame, and how it lies in this one. */
interface Moved {
  matte: Alpha;
  motion: Motion;
  weight: number;
}

/**
 * What the weighted mean of a frame's own matte, which counts 1, and of others, each moved as its blocks have moved, is
 * over its own.
 */
function differences({ data, width, height }: Alpha, others: readonly Moved[]): Float32Array {
  const arena = sharedArena();
  return arena.scope(() => {
    const count = data.length;
    const columns = taps(MOTION_BLOCKS, width);
    const rows = taps(MOTION_BLOCKS, height);
    const [firsts, shares] = [arena.put(rows.first), arena.put(rows.share)];
    const [sums, weights] = [arena.put(Float32Array.from(data)), arena.put(new Float32Array(count).fill(1))];
    for (const { matte, motion, weight } of others) {
      arena.scope(() => {
        const fields = arena.put(fieldsOf(motion, columns, [width, height, weight]));
        const from = [arena.put(matte.data), matte.width, matte.height] as const;
        const to = [width, height, sums, weights] as const;
        arena.kernels.addMoved(...from, fields, MOTION_BLOCKS, firsts, shares, ...to);
      });
    }
    const [sum, weight] = [arena.floats(sums, count), arena.floats(weights, count)];
    const off = new Float32Array(count);
    for (let i = 0; i < count; i++) off[i] = sum[i] / weight[i] - data[i];
    return off;
  });
}

/** Across, down and trust, each times its scale, for each pixel of the rows of blocks. */
function fieldsOf(
  { across, down, trust }: Motion,
  { first, share }: Taps,
  scales: readonly [number, number, number],
): Float32Array {
  const width = first.length;
  const fields = new Float32Array(3 * MOTION_BLOCKS * width);
  [across, down, trust].forEach((values, n) => {
    let i = n * MOTION_BLOCKS * width;
    for (let row = 0; row < values.length; row += MOTION_BLOCKS) {
      for (let x = 0; x < width; x++, i++) {
        const at = row + first[x];
        fields[i] = (values[at] + (values[at + 1] - values[at]) * share[x]) * scales[n];
      }
    }
  });
  return fields;
}

interface Taps {
  first: Int32Array;
  share: Float32Array;
}

/** For each of `length` pixels the first of the two blocks that it lies between, and the share of the second. */
function taps(side: number, length: number): Taps {
  const first = new Int32Array(length);
  const share = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const place = ((i + 0.5) / length) * side - 0.5;
    first[i] = Math.max(0, Math.min(side - 2, Math.floor(place)));
    share[i] = Math.max(0, Math.min(1, place - first[i]));
  }
  return { first, share };
}
