import { type Alpha, throwIfAborted } from '../../contracts';
import { boxBlur } from '../../image';
import { overlapOf } from './pieces';
import { LOST, type ObjectMask } from './types';
import { type Motion, type Thumbnail, motionBetween, thumbnailOf } from './motion';
import type { Sighting } from './sighting';

/** Frames before and after that a matte is steadied by. */
const REACH = 3;
/** What the frame's own matte counts beside those of others, each of which counts 1 at most. */
const OWN = 1;
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
 * @throws VitrineError CANCELLED
 */
export async function fuse(
  sightings: readonly (Sighting | undefined)[],
  signal: AbortSignal,
): Promise<ObjectMask[]> {
  const thumbnails = new Map<number, Thumbnail>();
  const masks: ObjectMask[] = [];
  for (const [index, sighting] of sightings.entries()) {
    throwIfAborted(signal);
    const ahead = sightings[index + REACH];
    thumbnails.delete(index - REACH - 1);
    for (let near = Math.max(0, index - REACH); near <= index + REACH; near++) {
      const other = near === index + REACH ? ahead : sightings[near];
      if (other && !thumbnails.has(near)) thumbnails.set(near, await thumbnailOf(other.seen));
    }
    if (!sighting) {
      masks.push(LOST);
      continue;
    }
    const alpha = steadied(index, sightings, thumbnails);
    // A frame that the others contradict is as unsure as one that the network is undecided about.
    const score = sighting.decided * overlapOf(sighting.alpha, alpha);
    masks.push({ alpha, box: sighting.window, score, lost: false });
  }
  return masks;
}

function steadied(
  index: number,
  sightings: readonly (Sighting | undefined)[],
  thumbnails: ReadonlyMap<number, Thumbnail>,
): Alpha {
  const { alpha } = sightings[index]!;
  const sum = Float32Array.from(alpha.data, (value) => OWN * value);
  const weights = new Float32Array(sum.length).fill(OWN);
  for (let near = index - REACH; near <= index + REACH; near++) {
    const other = sightings[near];
    if (near === index || !other) continue;
    const motion = motionBetween(thumbnails.get(index)!, thumbnails.get(near)!);
    add(other.alpha, motion, 1 / Math.abs(near - index), sum, weights, alpha);
  }
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i] / weights[i] - alpha.data[i];
  const { width, height } = alpha;
  const radius = Math.max(1, Math.round((PART * Math.max(width, height)) / 2));
  const differs = boxBlur(sum, width, height, radius);
  const data = alpha.data.slice();
  for (let i = 0; i < data.length; i++) {
    const off = differs[i] < 0 ? -differs[i] : differs[i];
    const share = (off / 255 - SAME) / (OTHER - SAME);
    if (share > 0) data[i] += sum[i] * (share < 1 ? share : 1) + 0.5;
  }
  return { data, width, height };
}

/** Adds a matte, moved as its blocks have moved. */
function add(
  matte: Alpha,
  { side, across, down, trust }: Motion,
  weight: number,
  sum: Float32Array,
  weights: Float32Array,
  { width, height }: Alpha,
): void {
  const columns = taps(side, width);
  const rows = taps(side, height);
  for (let y = 0, i = 0; y < height; y++) {
    const above = rows.first[y] * side;
    const fy = rows.share[y];
    for (let x = 0; x < width; x++, i++) {
      const at = above + columns.first[x];
      const fx = columns.share[x];
      const lowerRight = fx * fy;
      const lowerLeft = fy - lowerRight;
      const upperRight = fx - lowerRight;
      const upperLeft = 1 - fx - lowerLeft;
      const mix = (values: Float32Array) =>
        values[at] * upperLeft +
        values[at + 1] * upperRight +
        values[at + side] * lowerLeft +
        values[at + side + 1] * lowerRight;
      const fromX = (x + mix(across) * width + 0.5) | 0;
      const fromY = (y + mix(down) * height + 0.5) | 0;
      if (fromX < 0 || fromY < 0 || fromX >= matte.width || fromY >= matte.height) continue;
      const share = weight * mix(trust);
      sum[i] += share * matte.data[fromY * matte.width + fromX];
      weights[i] += share;
    }
  }
}

/** For each of `length` pixels the first of the two blocks that it lies between, and the share of the second. */
function taps(side: number, length: number): { first: Int32Array; share: Float32Array } {
  const first = new Int32Array(length);
  const share = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const place = ((i + 0.5) / length) * side - 0.5;
    first[i] = Math.max(0, Math.min(side - 2, Math.floor(place)));
    share[i] = Math.max(0, Math.min(1, place - first[i]));
  }
  return { first, share };
}
