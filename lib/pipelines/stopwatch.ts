import type { Metrics } from '../contracts';

type Part = 'decode_ms' | 'infer_ms' | 'refine_ms' | 'compose_ms' | 'encode_ms';

/** Adds up the wall-clock milliseconds of a job's parts. */
export class Stopwatch {
  private readonly started = performance.now();
  private last = this.started;
  private readonly parts: Record<Part, number> = {
    ...{ decode_ms: 0, infer_ms: 0, refine_ms: 0, compose_ms: 0, encode_ms: 0 },
  };

  /** Books the time since the last lap under `part`. */
  lap(part: Part): void {
    const now = performance.now();
    this.parts[part] += now - this.last;
    this.last = now;
  }

  /** Whole milliseconds. */
  metrics(): Metrics {
    const { decode_ms, infer_ms, refine_ms, compose_ms, encode_ms } = this.parts;
    return {
      elapsed_ms: Math.round(performance.now() - this.started),
      decode_ms: Math.round(decode_ms),
      infer_ms: Math.round(infer_ms),
      refine_ms: Math.round(refine_ms),
      encode_ms: Math.round(encode_ms),
      ...(compose_ms > 0 && { compose_ms: Math.round(compose_ms) }),
    };
  }
}
