import { readFile } from 'node:fs/promises';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { type Config, type JobName, type VitrineError, packVersion } from '../../contracts';
import type { WorkerPool } from '../workers';
import type { Callbacks } from './callbacks';
import { freeBytes } from './free-bytes';
import type { KnownModels } from './known-models';

const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** What `/metrics` shows, in the Prometheus text format; docs/scaling.md has the list. */
export class Metrics {
  readonly registry = new Registry();
  private readonly registers = [this.registry];
  private readonly jobs = this.counter(
    'vitrine_jobs_total',
    'Finished jobs by their kind; outcome is ok or an error code',
    ['job', 'outcome'],
  );
  private readonly errors = this.counter('vitrine_errors_total', 'Errors that were answered', ['code']);
  private readonly deaths = this.counter(
    'vitrine_worker_deaths_total',
    'Workers that ended unexpectedly',
    [],
  );
  private readonly seconds = this.histogram('vitrine_job_seconds', 'Seconds from request to answer', ['job']);
  private readonly stages = this.histogram('vitrine_stage_seconds', 'Seconds that the parts of a job took', [
    'job',
    'stage',
  ]);
  private readonly waits = this.histogram(
    'vitrine_wait_seconds',
    'Seconds that a job waited for its worker',
    ['lane'],
  );
  /** Those that were counted: some pass by twice. */
  private readonly counted = new WeakSet<VitrineError>();

  constructor(engine: Watched) {
    collectDefaultMetrics({ register: this.registry });
    const { pool, config } = engine;
    this.gauge(
      'vitrine_info',
      'The version, and the device that is tried first',
      ['version', 'device'],
      () => [{ labels: { version: packVersion, device: config.device }, value: 1 }],
    );
    const gauges = {
      vitrine_jobs_running: ['Jobs in a worker', () => pool.load.running],
      vitrine_jobs_waiting: ['Jobs waiting for a worker', () => pool.load.waiting],
      vitrine_jobs_coming: ['Jobs whose files are on their way', () => engine.uploading],
      vitrine_callbacks_owed: ['Callbacks that are not delivered yet', () => engine.callbacks.owed],
      vitrine_queue_limit: ['Jobs that may wait in a lane', () => config.maxQueue],
    } as const;
    for (const [name, [help, value]] of Object.entries(gauges))
      this.gauge(name, help, [], () => [{ labels: {}, value: value() }]);
    const lanes = {
      vitrine_lane_running: ['Jobs in the workers of a lane', 'running'],
      vitrine_lane_waiting: ['Jobs waiting in a lane', 'waiting'],
      vitrine_lane_workers: ['Workers that a lane may have', 'workers'],
    } as const;
    for (const [name, [help, part]] of Object.entries(lanes))
      this.gauge(name, help, ['lane'], () =>
        pool.state.map((lane) => ({ labels: { lane: lane.lane }, value: lane[part] })),
      );
    this.gauge('vitrine_worker_memory_bytes', 'Memory of a worker (Linux)', ['lane', 'pid'], async () => {
      const workers = pool.state.flatMap(({ lane, pids }) => pids.map((pid) => ({ lane, pid })));
      const sizes = await Promise.all(workers.map(({ pid }) => residentBytes(pid)));
      return workers.flatMap(({ lane, pid }, index) => {
        const value = sizes[index];
        return value === undefined ? [] : [{ labels: { lane, pid: String(pid) }, value }];
      });
    });
    this.gauge(
      'vitrine_model_loaded_bytes',
      'Files of a network that a worker holds ready',
      ['model', 'device'],
      () =>
        pool.loaded.map(({ model, device }) => ({
          labels: { model, device },
          value: engine.models.bytesOf(model),
        })),
    );
    this.gauge('vitrine_disk_free_bytes', 'Room for jobs and results', [], async () => {
      const value = await freeBytes(config);
      return value === null ? [] : [{ labels: {}, value }];
    });
  }

  /** @param error why it failed; undefined: it did not */
  jobEnded(job: JobName, seconds: number, error?: VitrineError): void {
    this.jobs.inc({ job, outcome: error?.code ?? 'ok' });
    this.seconds.observe({ job }, seconds);
    if (error) this.countError(error);
  }

  /** The times that a job's result tells: fields that end in `_ms`. */
  observeStages(job: JobName, result: object): void {
    const { metrics = {} } = result as { metrics?: object };
    for (const [field, ms] of Object.entries(metrics)) {
      const stage = /^(.+)_ms$/.exec(field)?.[1];
      if (stage && stage !== 'elapsed' && typeof ms === 'number')
        this.stages.observe({ job, stage }, ms / 1000);
    }
  }

  countError(error: VitrineError): void {
    if (this.counted.has(error)) return;
    this.counted.add(error);
    this.errors.inc({ code: error.code });
  }

  workerDied(): void {
    this.deaths.inc();
  }

  waited(lane: string, seconds: number): void {
    this.waits.observe({ lane }, seconds);
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: this.registers });
  }

  private histogram<Label extends string>(name: string, help: string, labelNames: Label[]): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: this.registers });
  }

  /** A gauge that is read when somebody looks. */
  private gauge(
    name: string,
    help: string,
    labelNames: string[],
    read: () => Reading[] | Promise<Reading[]>,
  ): void {
    const gauge: Gauge = new Gauge({
      ...{ name, help, labelNames, registers: this.registers },
      async collect() {
        const readings = await read();
        gauge.reset();
        for (const { labels, value } of readings) gauge.set(labels, value);
      },
    });
  }
}

/** What of an engine is looked at. */
interface Watched {
  config: Config;
  pool: WorkerPool;
  models: KnownModels;
  callbacks: Callbacks;
  uploading: number;
}

interface Reading {
  labels: Record<string, string>;
  value: number;
}

/** Undefined where there is no /proc, and for a process that is gone. */
async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
