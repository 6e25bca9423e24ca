import type { JobContext } from '../../contracts';

/** Tells how far one pass over a video's frames is, how fast it goes and how long it will take. */
export class Pace {
  private readonly began = performance.now();

  /** @param share the part of the whole job, from and to, 0..1 */
  constructor(
    private readonly stage: string,
    private readonly share: readonly [number, number],
    private readonly progress: JobContext['progress'],
  ) {}

  /** @param made numbered files of the job that are whole by now */
  tell(done: number, total: number, made?: number): void {
    const seconds = (performance.now() - this.began) / 1000;
    const rate = done / Math.max(seconds, 0.001);
    const left = Math.ceil((total - done) / rate);
    const [from, to] = this.share;
    this.progress({
      stage: this.stage,
      fraction: from + (to - from) * Math.min(1, done / total),
      message: `frame ${done} of ${total}, ${rate.toFixed(rate < 10 ? 1 : 0)} a second, ${left} s left`,
      ...(made !== undefined && { made }),
    });
  }
}
