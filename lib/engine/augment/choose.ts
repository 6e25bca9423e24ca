import { seedOf } from '../../contracts';

/**
 * Which of several pictures is taken for a place: the one whose hash with the place is the highest (D. Thaler,
 * C. Ravishankar, "A name-based mapping scheme for rendezvous", 1996). Where one of them is taken away, only the places
 * change that it had.
 * @param place all that tells this choice from others
 * @param from not empty; their order does not matter
 */
export function choose<T extends { sha256: string }>(
  place: readonly (string | number)[],
  from: readonly T[],
): T {
  const seed = seedOf(...place);
  const [low, high] = [seed | 0, Math.floor(seed / 2 ** 32) | 0];
  let best = from[0];
  let highest = -1;
  for (const each of from) {
    const weight = weightOf(each.sha256, low, high);
    // Equal ones are copies, or as good as never.
    if (weight > highest || (weight === highest && each.sha256 < best.sha256))
      [best, highest] = [each, weight];
  }
  return best;
}

/** 0 to 2^53 - 1, as likely each; a SHA-256 is random already, so that a little mixing is enough. */
function weightOf(sha256: string, low: number, high: number): number {
  const one = mixed(Number.parseInt(sha256.slice(0, 8), 16) ^ low);
  const two = mixed(Number.parseInt(sha256.slice(8, 16), 16) ^ high ^ one);
  return (two >>> 0) * 2 ** 21 + (mixed(one ^ two) >>> 11);
}

/** Every bit of the result depends on every bit given (A. Appleby, the finaliser of MurmurHash3, public domain). */
function mixed(bits: number): number {
  let value = bits | 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
