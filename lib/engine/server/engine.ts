import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { type Config, VitrineError } from '../../contracts';
import { WorkerPool } from '../workers';
import { TokenBucket } from './limiter';
import { Metrics } from './metrics';
import { Outputs } from './outputs';
import { Workspace } from '../workspace';

const SWEEP_INTERVAL_MS = 10 * 60_000;

/** The engine's parts, and what they need from each other; the routes are a thin layer over it. */
export class Engine {
  /** Tells this engine from any other that may once have had its address. */
  readonly instance = randomUUID();
  readonly outputs: Outputs;
  readonly pool: WorkerPool;
  readonly metrics: Metrics;
  private readonly workspace: Workspace;
  private readonly bucket: TokenBucket;
  private readonly sweeper: NodeJS.Timeout;
  private active = 0;
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
      onWorkerDeath: (detail) => this.log.error(detail, 'A worker ended unexpectedly'),
      onDefect: (stack) => this.log.error({ stack }, 'Defect in a job'),
    });
    this.metrics = new Metrics(this.pool);
    this.sweeper = setInterval(() => void this.sweep(), SWEEP_INTERVAL_MS);
    this.sweeper.unref();
  }

  async prepare(): Promise<void> {
    await this.outputs.prepare();
    await this.workspace.prepare();
    await this.sweep();
    void this.pool.warmUp().then(
      () => this.log.info('All models initialized successfully'),
      (error) => this.log.error({ err: error }, 'The worker could not start'),
    );
  }

  /** Milliseconds since the last job ended; 0 while there is work. */
  get idleMs(): number {
    return this.active ? 0 : Date.now() - this.idleSince;
  }

  /** Runs one job of the use case `name` in a folder of its own, counted, limited and logged. */
  async job<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
    this.bucket.take();
    const started = performance.now();
    this.active += 1;
    let outcome = 'ok';
    try {
      return await this.workspace.withFolder(work);
    } catch (thrown) {
      const error = VitrineError.from(thrown);
      outcome = error.code;
      if (outcome === 'INTERNAL' && error.cause) this.log.error({ err: error.cause }, 'Defect in the engine');
      throw error;
    } finally {
      this.active -= 1;
      this.idleSince = Date.now();
      const seconds = (performance.now() - started) / 1000;
      this.metrics.jobs.inc({ job: name, outcome });
      this.metrics.seconds.observe({ job: name }, seconds);
      this.log.info({ job: name, outcome, ms: Math.round(seconds * 1000) }, 'job');
    }
  }

  async dispose(): Promise<void> {
    clearInterval(this.sweeper);
    await this.pool.close();
    await this.workspace.dispose();
  }

  private async sweep(): Promise<void> {
    await this.outputs
      .sweep()
      .catch((error) => this.log.error({ err: error }, 'Old results could not be deleted'));
  }
}
