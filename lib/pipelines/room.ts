import { throwIfAborted } from '../contracts';

/** Photos that may be read at a time while nobody knows yet how large they are. */
const UNKNOWN = 2;

/** Keeps the memory of many jobs at once within bounds: a job waits at the door while large photos fill the room. */
export class Room {
  private unknown = 0;
  private pixels = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param maxPixels pixels of photos inside above which no other is let in */
  constructor(private readonly maxPixels: number) {}

  /**
   * Runs `work` once there is room for it.
   * @param work calls `measured` with the pixels of its photo as soon as it knows them
   * @throws VitrineError CANCELLED, and what `work` throws
   */
  async use<T>(signal: AbortSignal, work: (measured: (pixels: number) => void) => Promise<T>): Promise<T> {
    while (this.unknown >= UNKNOWN || this.pixels > this.maxPixels) {
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
    this.unknown++;
    let own: number | undefined;
    const measured = (pixels: number) => {
      own = pixels;
      this.pixels += pixels;
      this.unknown--;
      this.open();
    };
    try {
      return await work(measured);
    } finally {
      if (own === undefined) this.unknown--;
      else this.pixels -= own;
      this.open();
    }
  }

  /** Those who wait look again, in the order in which they came. */
  private open(): void {
    for (const look of this.waiting.splice(0)) look();
  }
}
