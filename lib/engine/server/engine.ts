import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Config, type JobName, VitrineError, cancelled } from '../../contracts';
import { TASK_OF } from '../jobs';
import { WorkerPool } from '../workers';
import { Callbacks } from './callbacks';
import { JobRecords } from './job-records';
import { KnownModels } from './known-models';
import { TokenBucket } from './limiter';
import { Metrics } from './metrics';
import { Outputs } from './outputs';
import { Workspace } from '../workspace';

const SWEEP_INTERVAL_MS = 10 * 60_000;
/** Milliseconds for the callbacks of the jobs that the end of the engine cut off. */
const LAST_CALLS_MS = 1_500;
/** Milliseconds that ended jobs have to clean up after themselves. */
const UNWIND_MS = 1_000;
const POLL_MS = 50;

/** The engine's parts, and what they need from each other; the routes are a thin layer over it. */
export class Engine {
  /** Tells this engine from any other that may once have had its address. */
  readonly instance = randomUUID();
  readonly outputs: Outputs;
  readonly pool: WorkerPool;
  readonly models: KnownModels;
  readonly metrics: Metrics;
  readonly records: JobRecords;
  readonly callbacks: Callbacks;
  private readonly cutting = new AbortController();
  private readonly workspace: Workspace;
  private readonly bucket: TokenBucket;
  private readonly sweeper: NodeJS.Timeout;
  private active = 0;
  /** Jobs whose request is not whole yet. */
  private coming = 0;
  private leaving = false;
  private ended = false;
  private idleSince = Date.now();

  constructor(
    readonly config: Config,
    readonly log: Logger,
    /** Why lines of the log are being lost. */
    readonly logProblems: () => string[],
    /** Its token was made at random, so that an answer which depends on it helps nobody to guess it. */
    readonly embedded: boolean,
  ) {
    this.outputs = new Outputs(config.outputDir, config.outputTtlHours);
    this.workspace = new Workspace(config.tempDir);
    this.bucket = new TokenBucket(config.requestsPerMinute);
    this.pool = new WorkerPool(config, {
      onWorkerDeath: (detail) => {
        this.metrics.workerDied();
        this.log.error(detail, 'A worker ended unexpectedly');
      },
      onWait: (lane, seconds) => this.metrics.waited(lane, seconds),
      onDefect: (stack) => this.log.error({ stack }, 'Defect in a job'),
    });
    this.models = new KnownModels(this.pool);
    this.records = new JobRecords(config.outputTtlHours);
    this.callbacks = new Callbacks(config, log, () => {
      this.idleSince = Date.now();
      // Whoever was called may come for the picture.
      this.outputs.expectCallers();
    });
    this.metrics = new Metrics(this);
    this.sweeper = setInterval(() => void this.sweep(), SWEEP_INTERVAL_MS);
    this.sweeper.unref();
  }

  async prepare(): Promise<void> {
    await this.outputs.prepare();
    await this.workspace.prepare();
    await this.sweep();
    void this.models.look().then(
      () => this.log.info('All models initialized successfully'),
      (error) => this.log.error({ err: error }, 'The worker could not start'),
    );
  }

  /** Milliseconds since the last job or callback ended; 0 while there is work. */
  get idleMs(): number {
    return this.active || this.callbacks.owed ? 0 : Date.now() - this.idleSince;
  }

  /** Jobs that were let in and are not whole yet: in no queue, and about to be. */
  get uploading(): number {
    return this.coming;
  }

  /** Aborted when jobs are cut off, wherever they wait. */
  get cutOff(): AbortSignal {
    return this.cutting.signal;
  }

  /** True from the moment that it takes no new work. */
  get retiring(): boolean {
    return this.leaving;
  }

  /**
   * Runs one job in a folder of its own, counted, limited and logged.
   * @param work calls `arrived` when the whole job is here: until then it holds a place of the queue
   * @throws VitrineError ENGINE_RETIRING, RATE_LIMITED, QUEUE_FULL before `work` begins; what `work` throws
   */
  async job<T>(name: JobName, work: (folder: string, arrived: () => void) => Promise<T>): Promise<T> {
    const started = performance.now();
    this.active += 1;
    let error: VitrineError | undefined;
    try {
      this.refuseWhenRetiring();
      this.bucket.take();
      return await this.whileComing(name, (arrived) =>
        this.workspace.withFolder((folder) => work(folder, arrived)),
      );
    } catch (thrown) {
      error = this.ended ? lost(thrown) : VitrineError.from(thrown);
      if (error.code === 'INTERNAL' && error.cause)
        this.log.error({ err: error.cause }, 'Defect in the engine');
      throw error;
    } finally {
      this.active -= 1;
      this.idleSince = Date.now();
      const seconds = (performance.now() - started) / 1000;
      this.metrics.jobEnded(name, seconds, error);
      this.log.info({ job: name, outcome: error?.code ?? 'ok', ms: Math.round(seconds * 1000) }, 'job');
    }
  }

  /** @throws VitrineError ENGINE_RETIRING */
  refuseWhenRetiring(): void {
    if (this.leaving) throw retiring();
  }

  /**
   * Takes no new work from now on, and waits until what it took is done, its callers were called back and its results
   * were fetched, or are not asked for any more.
   * @param patienceMs the longest wait
   */
  async leave(patienceMs = Infinity): Promise<void> {
    this.leaving = true;
    this.callbacks.hurry();
    const isDone = () => !this.active && !this.callbacks.owed && !this.outputs.areAwaited;
    await until(isDone, patienceMs);
  }

  /** Ends every job at once; those who wait for a callback are told so. */
  async end(): Promise<void> {
    this.leaving = true;
    this.ended = true;
    this.callbacks.hurry();
    this.cutting.abort(cancelled());
    await this.pool.close();
    await until(() => !this.callbacks.owed, LAST_CALLS_MS);
    this.callbacks.stop();
  }

  async dispose(): Promise<void> {
    clearInterval(this.sweeper);
    await this.end();
    // Jobs whose callers were cut off are about to give their folders back.
    await until(() => !this.active && !this.callbacks.owed, UNWIND_MS);
    await this.workspace.dispose();
  }

  /** Counts a job as coming until it says that it has arrived. */
  private async whileComing<T>(name: JobName, work: (arrived: () => void) => Promise<T>): Promise<T> {
    this.pool.admit(TASK_OF[name], this.coming);
    this.coming += 1;
    let here = false;
    const arrived = () => {
      if (!here) this.coming -= 1;
      here = true;
    };
    try {
      return await work(arrived);
    } finally {
      arrived();
    }
  }

  private async sweep(): Promise<void> {
    this.records.sweep();
    await this.outputs
      .sweep()
      .catch((error) => this.log.error({ err: error }, 'Old results could not be deleted'));
  }
}

async function until(done: () => boolean, patienceMs: number): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!done() && performance.now() < end) await sleep(POLL_MS);
}

function retiring(): VitrineError {
  return new VitrineError({
    code: 'ENGINE_RETIRING',
    message: 'This engine finishes the work that it has and takes no more',
    hint: 'Ask another engine, or this address again when a new one has started there.',
    retryAfter: 2,
  });
}

/** What the caller of a job is told that the end of the engine cut off. */
function lost(thrown: unknown): VitrineError {
  const error = VitrineError.from(thrown);
  if (error.code !== 'CANCELLED') return error;
  return new VitrineError({
    code: 'ENGINE_LOST',
    message: 'The engine was ended before this job was done',
    hint: 'Run it again when an engine answers.',
  });
}
