/** Values in the order in which they come, each given out once. */
export class LineQueue {
  private readonly values: string[] = [];
  private waiting?: (value: string) => void;

  /** @param value undefined for a line that has none */
  push(value: string | undefined): void {
    if (value === undefined) return;
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting) waiting(value);
    else this.values.push(value);
  }

  /** The next one, as soon as it is there. */
  async next(): Promise<string> {
    return this.values.shift() ?? new Promise((resolve) => (this.waiting = resolve));
  }
}
