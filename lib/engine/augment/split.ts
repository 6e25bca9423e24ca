import { posix } from 'node:path';
import { SPLIT_SIDES, type SplitSide, seedOf } from '../../contracts';

/** Names of a video's frames, as `frame_0001.png` or `mug-frame-12.jpg`. */
const FRAME = /^(.*frame)[ _.-]?\d+\.[a-z]+$/i;

interface Original {
  file: string;
  sha256: string;
  upc: string;
}

/**
 * Sorts originals into the sides of a split. Siblings stay together: frames of one video, and copies of one picture. A side
 * depends on the siblings alone, so that none changes it when others come or go; only where a class would have nothing to
 * train with, the first of its siblings is taken for that.
 * @param shares of train, val and, if there is a third, test; undefined: all of them are for training
 * @returns a side for each, in their order
 */
export function splitOf(
  seed: number,
  shares: readonly number[] | undefined,
  originals: readonly Original[],
): SplitSide[] {
  if (!shares) return originals.map(() => 'train');
  const groups = originals.map(groupOf);
  const lots = groups.map((group, at) => seedOf('split', seed, originals[at].upc, group) / 2 ** 53);
  const sides = lots.map((lot) => sideOf(lot, shares));
  for (const upc of new Set(originals.map((each) => each.upc))) {
    const own = originals.flatMap((each, at) => (each.upc === upc ? [at] : []));
    if (own.some((at) => sides[at] === 'train')) continue;
    const lowest = Math.min(...own.map((at) => lots[at]));
    for (const at of own) if (lots[at] === lowest) sides[at] = 'train';
  }
  return sides;
}

function sideOf(lot: number, shares: readonly number[]): SplitSide {
  let end = 0;
  const at = shares.findIndex((share) => lot < (end += share));
  return SPLIT_SIDES[at < 0 ? shares.length - 1 : at];
}

/** What siblings have in common. */
function groupOf({ file, sha256 }: Original): string {
  const [, clip] = FRAME.exec(posix.basename(file)) ?? [];
  return clip === undefined ? sha256 : `${posix.dirname(file)}/${clip}`;
}
