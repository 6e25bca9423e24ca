/** What was decoded, kept for the next pictures as long as there is room; what was not used for longest goes first. */
export class Kept {
  private readonly all = new Map<string, { value: unknown; bytes: number }>();
  private bytes = 0;

  /** @param most bytes */
  constructor(private readonly most: number) {}

  /**
   * What is kept under `key`, or what `make` gives.
   * @param sizeOf bytes of it
   */
  async use<T>(key: string, make: () => Promise<T>, sizeOf: (made: T) => number): Promise<T> {
    const held = this.all.get(key);
    if (held) {
      this.all.delete(key);
      this.all.set(key, held);
      return held.value as T;
    }
    const value = await make();
    const bytes = sizeOf(value);
    this.all.set(key, { value, bytes });
    this.bytes += bytes;
    for (const [oldest, { bytes: freed }] of this.all) {
      if (this.bytes <= this.most || this.all.size === 1) break;
      this.all.delete(oldest);
      this.bytes -= freed;
    }
    return value;
  }
}
