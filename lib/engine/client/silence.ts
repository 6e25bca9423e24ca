import { pause } from './clock';

/** A process that was suspended finds one step gone, whatever the clock says: it is not the engine that was silent. */
const STEPS = 9;

/** Watches for signs of life from the first one on. */
export class Silence {
  private steps = 0;
  private readonly over = new AbortController();
  private watching?: Promise<void>;

  /**
   * @param seconds without a sign that are too many
   * @param onSilence called once
   */
  constructor(
    private readonly seconds: number,
    private readonly onSilence: () => void,
  ) {}

  readonly broken = () => {
    this.steps = 0;
    this.watching ??= this.watch();
  };

  end(): void {
    this.over.abort();
  }

  private async watch(): Promise<void> {
    const { signal } = this.over;
    while (this.steps < STEPS) {
      await pause((this.seconds * 1000) / STEPS, signal).catch(() => undefined);
      if (signal.aborted) return;
      this.steps += 1;
    }
    this.onSilence();
  }
}
