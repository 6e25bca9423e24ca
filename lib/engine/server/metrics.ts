import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { WorkerPool } from '../workers';

/** What `/metrics` shows, in the Prometheus text format. */
export class Metrics {
  readonly registry = new Registry();
  /** Finished jobs by use case and outcome (`ok` or an error code). */
  readonly jobs: Counter<'job' | 'outcome'>;
  /** Seconds from request to answer, by use case. */
  readonly seconds: Histogram<'job'>;

  constructor(pool: WorkerPool) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.jobs = new Counter({
      name: 'vitrine_jobs_total',
      help: 'Finished jobs',
      labelNames: ['job', 'outcome'],
      registers,
    });
    this.seconds = new Histogram({
      name: 'vitrine_job_seconds',
      help: 'Seconds from request to answer',
      labelNames: ['job'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    });
    new Gauge({
      name: 'vitrine_jobs_running',
      help: 'Jobs in a worker',
      registers,
      collect() {
        this.set(pool.load.running);
      },
    });
    new Gauge({
      name: 'vitrine_jobs_waiting',
      help: 'Jobs waiting for a worker',
      registers,
      collect() {
        this.set(pool.load.waiting);
      },
    });
  }
}
