import { throwIfAborted } from '../contracts';

/** Photos that may be read at a time while nobody knows yet how large they are. */
const UNMEASURED = 2;

/** Keeps the memory of many jobs at once within bounds: a job waits while the photos of others use the budget up. */
export class PixelBudget {
  private unmeasured = 0;
  private pixels = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param maxPixels pixels of photos under way above which no other is begun */
  constructor(private readonly maxPixels: number) {}

  /**
   * Runs `work` once the budget allows it.
   * @param work calls `measured` with the pixels of its photo as soon as it knows them
   * @throws VitrineError CANCELLED, and what `work` throws
   */
  async use<T>(signal: AbortSignal, work: (measured: (pixels: number) => void) => Promise<T>): Promise<T> {
    while (this.unmeasured >= UNMEASURED || this.pixels > this.maxPixels) {
      await new Promise<void>((resolve) => {
        const look = () => {
          signal.removeEventListener('abort', look);
          resolve();
        };
        this.waiting.push(look);
        signal.addEventListener('abort', look);
      });
      throwIfAborted(signal);
    }
    this.unmeasured++;
    let own: number | undefined;
    const measured = (pixels: number) => {
      own = pixels;
      this.pixels += pixels;
      this.unmeasured--;
      this.wake();
    };
    try {
      return await work(measured);
    } finally {
      if (own === undefined) this.unmeasured--;
      else this.pixels -= own;
      this.wake();
    }
  }

  /** Those who wait look again, in the order in which they came. */
  private wake(): void {
    for (const look of this.waiting.splice(0)) look();
  }
}
