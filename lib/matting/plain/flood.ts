import { findRegions } from '../../image';
import { erode } from '../squares';

/** Values of a label map. */
export const UNKNOWN = 0;
export const BACKDROP = 1;
export const PRODUCT = 2;

/**
 * Labels as backdrop what a square brush of `2 * radius + 1` pixels can reach from outside the picture while
 * covering only `like` pixels. The brush does not pass through small gaps of an outline.
 * @param like 1 where a pixel looks like backdrop
 */
export function brushFlood(like: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  const labels = new Uint8Array(width * height);
  const open = erode(like, { width, height }, radius);
  const { atBorder, starts, ends, of } = findRegions(open, width, height, { from: 1, to: 1 });
  for (let run = 0; run < of.length; run++) {
    if (atBorder[of[run]]) labels.fill(BACKDROP, starts[run], ends[run]);
  }
  growInto(labels, like, width, height, radius);
  return labels;
}

/** The brush's own extent: backdrop grows back into `like` pixels, `steps` deep. */
function growInto(labels: Uint8Array, like: Uint8Array, width: number, height: number, steps: number): void {
  const reached = new Int32Array(width * height);
  let tail = 0;
  const grow = (i: number) => {
    if (like[i] === 0 || labels[i] !== UNKNOWN) return;
    labels[i] = BACKDROP;
    reached[tail++] = i;
  };
  const last = width * (height - 1);
  const growAround = (i: number) => {
    const x = i % width;
    if (x > 0) grow(i - 1);
    if (x < width - 1) grow(i + 1);
    if (i >= width) grow(i - width);
    if (i < last) grow(i + width);
  };
  if (steps === 0) return;
  const seeds = labels.slice();
  for (let i = 0; i < labels.length; i++) if (seeds[i] === BACKDROP) growAround(i);
  let head = 0;
  for (let step = 1; step < steps; step++)
    for (const end = tail; head < end; head++) growAround(reached[head]);
}

/**
 * Lets labelled regions grow into `UNKNOWN` pixels in the order of the barrier they must cross (a watershed;
 * Meyer's flooding, 1991), so that two regions meet on the highest ridge between them.
 * @param ridge height per pixel, 0 and up
 * @param limit backdrop does not cross ridges over this
 * @param enterable 1 where backdrop may go
 */
export function watershed(
  labels: Uint8Array,
  width: number,
  height: number,
  ridge: Float32Array,
  limit: number,
  enterable: Uint8Array,
): void {
  const fine = 64;
  const levels = Math.ceil(limit * fine) + 2;
  const heads = new Int32Array(levels).fill(-1);
  const tails = new Int32Array(levels).fill(-1);
  const next = new Int32Array(width * height);
  const claim = new Uint8Array(width * height);
  let level = 0;
  const push = (i: number, label: number) => {
    if (labels[i] !== UNKNOWN || claim[i] !== 0) return;
    if (label === BACKDROP && (enterable[i] === 0 || ridge[i] > limit)) return;
    claim[i] = label;
    const own = Math.min(levels - 1, Math.max(level, Math.ceil(ridge[i] * fine)));
    next[i] = -1;
    if (tails[own] < 0) heads[own] = i;
    else next[tails[own]] = i;
    tails[own] = i;
  };
  const spread = (i: number, label: number) => {
    const x = i % width;
    if (x > 0) push(i - 1, label);
    if (x < width - 1) push(i + 1, label);
    if (i >= width) push(i - width, label);
    if (i < width * (height - 1)) push(i + width, label);
  };
  for (let i = 0; i < labels.length; i++) if (labels[i] !== UNKNOWN) spread(i, labels[i]);
  for (level = 0; level < levels; level++) {
    while (heads[level] >= 0) {
      const i = heads[level];
      heads[level] = next[i];
      if (heads[level] < 0) tails[level] = -1;
      labels[i] = claim[i];
      spread(i, claim[i]);
    }
  }
}
