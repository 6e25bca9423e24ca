/** Bits in which the hashes of two pictures may differ that show the product alike; of 64. */
export const ALIKE = 3;

/** A picture, and an earlier one of its class that looks like it. */
export interface Alike<T> {
  picture: T;
  like: T;
  /** Bits, 0..`ALIKE`. */
  distance: number;
}

/**
 * Goes through the pictures of one class in order: each is compared with those that looked like none before them. Thus
 * `pictures.length - alike.length` says how many looks there are, and no chain of small steps joins different ones.
 * @param hashOf 16 hexadecimal digits
 */
export function nearDuplicates<T>(pictures: readonly T[], hashOf: (picture: T) => string): Alike<T>[] {
  const looks: { picture: T; hash: Uint32Array }[] = [];
  const alike: Alike<T>[] = [];
  for (const picture of pictures) {
    const hash = wordsOf(hashOf(picture));
    let nearest: Alike<T> | undefined;
    for (const look of looks) {
      const distance = distanceOf(hash, look.hash);
      if (distance <= ALIKE && distance < (nearest?.distance ?? Infinity))
        nearest = { picture, like: look.picture, distance };
    }
    if (nearest) alike.push(nearest);
    else looks.push({ picture, hash });
  }
  return alike;
}

function wordsOf(hash: string): Uint32Array {
  return Uint32Array.from({ length: 2 }, (_, word) => parseInt(hash.slice(word * 8, word * 8 + 8), 16));
}

function distanceOf(a: Uint32Array, b: Uint32Array): number {
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]);
}

/** Bits that are set in 32; Warren, Hacker's Delight, 5-1. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
