import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const INTERVAL_MS = 25;

/** Asks n8n's `/healthz` over and over, one request at a time. */
export class HealthProbe {
  private readonly worker: Worker;

  constructor(n8nUrl: string) {
    this.worker = new Worker(join(__dirname, 'probe-worker.js'), {
      workerData: { url: `${n8nUrl}/healthz`, intervalMs: INTERVAL_MS },
    });
  }

  /** @returns milliseconds of each answer, smallest first */
  async stop(): Promise<number[]> {
    const answered = once(this.worker, 'message');
    this.worker.postMessage('stop');
    const [latencies] = (await answered) as [number[]];
    return latencies.sort((a, b) => a - b);
  }
}

/** @param share 0..1, e.g. 0.99 */
export function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
