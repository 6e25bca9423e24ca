/** Values in the order in which they come, each given out once, to one who waits. */
export class Queue<T> {
  private readonly values: T[] = [];
  private waiting?: (value: T | undefined) => void;
  private hasEnded = false;

  push(value: T): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting) waiting(value);
    else this.values.push(value);
  }

  /** No more will come. */
  end(): void {
    this.hasEnded = true;
    this.waiting?.(undefined);
  }

  /** The next one as soon as it is there; undefined when none is left and none will come. */
  async next(): Promise<T | undefined> {
    if (this.values.length) return this.values.shift();
    return this.hasEnded ? undefined : new Promise((resolve) => (this.waiting = resolve));
  }
}
