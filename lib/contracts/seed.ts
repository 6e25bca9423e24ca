import { createHash } from 'node:crypto';

/**
 * A seed for one picture, or one choice, from all that it depends on: equal on every machine and in every order of work.
 * @example seedOf(datasetSeed, upc, pipeline, index)
 * @returns a whole number from 0 to 2^53 - 1
 */
export function seedOf(...parts: (string | number)[]): number {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return Number(digest.readBigUInt64LE() >> 11n);
}
