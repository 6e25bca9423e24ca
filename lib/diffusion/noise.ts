/** Words of the generator's state, and how far apart those lie that are mixed. */
const [WORDS, SHIFT] = [624, 397];
/** Numbers that are made together. */
const BLOCK = 16;

/**
 * Noise from a seed, the same on every machine: the Mersenne Twister MT19937 (Matsumoto, Nishimura 1998) and the
 * Box-Muller transform in blocks of 16, as `torch.randn` with a generator of the CPU: a seed gives the noise that it
 * gives in diffusers.
 */
export class Noise {
  private readonly state = new Uint32Array(WORDS);
  private next = WORDS;

  /** @param seed a whole number from 0 to 2^32 - 1 */
  constructor(seed: number) {
    this.state[0] = seed;
    for (let i = 1; i < WORDS; i++) {
      const last = this.state[i - 1];
      this.state[i] = Math.imul(1_812_433_253, last ^ (last >>> 30)) + i;
    }
  }

  /**
   * Numbers of a standard normal distribution.
   * @param count at least 16
   */
  normal(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.uniform();
    for (let i = 0; i + BLOCK <= count; i += BLOCK) boxMuller(values, i);
    if (count % BLOCK) {
      // The last ones are drawn anew, as a whole block.
      for (let i = count - BLOCK; i < count; i++) values[i] = this.uniform();
      boxMuller(values, count - BLOCK);
    }
    return values;
  }

  /** 0 up to, but not, 1, in steps of 2^-24. */
  private uniform(): number {
    return (this.word() & 0xffffff) / 0x1000000;
  }

  private word(): number {
    if (this.next === WORDS) this.twist();
    let word = this.state[this.next++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < WORDS; i++) {
      const joined = (state[i] & 0x80000000) | (state[(i + 1) % WORDS] & 0x7fffffff);
      state[i] = state[(i + SHIFT) % WORDS] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }
}

/** Turns 16 evenly distributed numbers into normal ones: eight radii and eight angles. */
function boxMuller(values: Float32Array, from: number): void {
  const half = BLOCK / 2;
  for (let i = from; i < from + half; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - values[i]));
    const angle = 2 * Math.PI * values[i + half];
    values[i] = radius * Math.cos(angle);
    values[i + half] = radius * Math.sin(angle);
  }
}
