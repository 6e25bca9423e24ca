export { seedOf } from '../contracts';

/**
 * Random numbers from a seed, equal on every machine: C. Doty-Humphrey's sfc32 (PractRand, public domain).
 */
export class Random {
  private a: number;
  private b: number;
  private c = 0x9e3779b9 | 0;
  private counter = 1;

  /** @param seed a whole number from 0 to 2^53 - 1 */
  constructor(seed: number) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 2 ** 32) | 0;
    for (let i = 0; i < 12; i++) this.word();
  }

  /** A whole number from 0 to 2^32 - 1. */
  word(): number {
    const sum = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From `low` up to, but not, `high`. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.word() / 2 ** 32);
  }

  /** A whole number, both ends included. */
  whole(low: number, high: number): number {
    return Math.floor(this.uniform(low, high + 1));
  }

  /** Of a normal distribution (G. Box, M. Muller, 1958). */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)];
  }

  /** In a new order, each as likely. */
  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.whole(0, last);
      [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
    }
    return shuffled;
  }
}

/** The seed of a row of noise: neighbours have nothing in common. */
export function rowSeed(seed: number, y: number): number {
  let bits = (seed ^ Math.imul(y + 1, 0x9e3779b1)) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
