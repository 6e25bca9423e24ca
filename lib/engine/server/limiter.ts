import { VitrineError } from '../../contracts';

/** A token bucket for all callers together, as large as a minute's worth of requests. */
export class TokenBucket {
  private tokens: number;
  private refilledAt: number;

  /** @param perMinute requests a minute; 0 means no limit */
  constructor(
    private readonly perMinute: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tokens = perMinute;
    this.refilledAt = now();
  }

  /** @throws VitrineError RATE_LIMITED, with the seconds until the next token */
  take(): void {
    if (this.perMinute === 0) return;
    const now = this.now();
    const perMs = this.perMinute / 60_000;
    this.tokens = Math.min(this.perMinute, this.tokens + (now - this.refilledAt) * perMs);
    this.refilledAt = now;
    if (this.tokens < 1) {
      throw new VitrineError({
        code: 'RATE_LIMITED',
        message: `More than ${this.perMinute} requests a minute`,
        hint: 'Wait as long as Retry-After says, or raise BG_REQS_PER_MIN (0 means no limit).',
        retryAfter: Math.ceil((1 - this.tokens) / perMs / 1000),
      });
    }
    this.tokens -= 1;
  }
}
