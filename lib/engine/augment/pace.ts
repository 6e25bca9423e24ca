import type { Progress } from '../../contracts';

/** Shares of a run: looking at pictures, cutting them out, making others of them, and what is written afterwards. */
const PARTS = { scan: [0, 0.03], cut: [0.03, 0.15], make: [0.15, 0.97], finish: [0.97, 1] } as const;
/** Milliseconds between two reports. */
const INTERVAL_MS = 500;

/** Tells how far a run is, how fast it goes and how long the part will take. */
export class Pace {
  private stage?: keyof typeof PARTS;
  private began = 0;
  private told = 0;

  constructor(private readonly onProgress: (event: Progress) => void) {}

  /** @param done pictures of this part, of `total` */
  tell(stage: keyof typeof PARTS, done: number, total: number): void {
    const now = performance.now();
    if (stage !== this.stage) [this.stage, this.began] = [stage, now];
    else if (now - this.told < INTERVAL_MS && done < total) return;
    this.told = now;
    const rate = done / Math.max(0.001, (now - this.began) / 1000);
    const speed = `${rate.toFixed(rate < 10 ? 1 : 0)} a second, ${inWords(Math.ceil((total - done) / rate))} left`;
    const [from, to] = PARTS[stage];
    this.onProgress({
      stage,
      fraction: from + (to - from) * Math.min(1, done / Math.max(1, total)),
      message: `picture ${done} of ${total}${done ? `, ${speed}` : ''}`,
    });
  }

  /** What a task says by itself, such as that a model is being downloaded. */
  pass(event: Progress): void {
    if (event.stage === 'download') this.onProgress({ ...event, fraction: PARTS.cut[0] });
  }
}

function inWords(seconds: number): string {
  if (seconds < 100) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
