import {
  type Config,
  type ErrorBody,
  type Progress,
  cancelled,
  deadlineExceeded,
  VitrineError,
} from '../../contracts';
import type { FromWorker, TaskName, Tasks } from './protocol';
import { Worker } from './worker';

/** Jobs that one worker holds at a time: while one infers, the next decodes. */
const SLOTS = 2;
/** Seconds a cancelled job has to stop by itself before its worker is ended. */
const GRACE_SECONDS = 5;

export interface JobOptions {
  signal?: AbortSignal;
  onProgress?(event: Progress): void;
  /** Seconds from submission to result; default: `config.jobTimeoutSeconds`. */
  timeoutSeconds?: number;
}

export interface PoolEvents {
  /** A worker ended that was not asked to. */
  onWorkerDeath?(detail: { pid?: number; reason: string }): void;
  /** A defect inside a job, for the log only. */
  onDefect?(detail: string): void;
}

interface Job {
  id: number;
  task: TaskName;
  input: Tasks[TaskName]['input'];
  onProgress?: (event: Progress) => void;
  settle(outcome: { output: Tasks[TaskName]['output'] } | { error: VitrineError }): void;
  cancelReason?: VitrineError;
  retried: boolean;
}

/**
 * Runs jobs in a child process, oldest first, and outlives it. When the child dies, the job that it was
 * working on fails with `WORKER_DIED`; one that only waited behind it runs again in a new child.
 */
export class WorkerPool {
  private readonly waiting: Job[] = [];
  private running: Job[] = [];
  private worker?: Worker;
  private lastId = 0;
  private closed = false;

  constructor(
    private readonly config: Config,
    private readonly events: PoolEvents = {},
  ) {}

  /** Jobs in a worker, and jobs waiting for one. */
  get load(): { running: number; waiting: number } {
    return { running: this.running.filter((job) => !isQuestion(job)).length, waiting: this.waiting.length };
  }

  /** Process id of the worker, once it runs. */
  get pid(): number | undefined {
    return this.worker?.pid;
  }

  /** Starts the worker and waits until it takes jobs; jobs do this by themselves. */
  async warmUp(): Promise<void> {
    await this.run('models', {});
  }

  /**
   * @throws VitrineError what the job threw; `QUEUE_FULL`, `WORKER_DIED`, `CANCELLED`, `DEADLINE_EXCEEDED`
   */
  run<T extends TaskName>(
    task: T,
    input: Tasks[T]['input'],
    options: JobOptions = {},
  ): Promise<Tasks[T]['output']> {
    const { signal, onProgress, timeoutSeconds = this.config.jobTimeoutSeconds } = options;
    if (this.closed || signal?.aborted) return Promise.reject(cancelled());
    if (this.waiting.length >= this.config.maxQueue) return Promise.reject(this.queueFull());

    return new Promise((resolve, reject) => {
      const abort = () =>
        this.cancel(job, signal?.reason instanceof VitrineError ? signal.reason : cancelled());
      const timer = setTimeout(
        () => this.cancel(job, deadlineExceeded(timeoutSeconds)),
        timeoutSeconds * 1000,
      );
      const job: Job = {
        id: ++this.lastId,
        task,
        input,
        onProgress,
        retried: false,
        settle: (outcome) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.output as Tasks[T]['output']);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      if (isQuestion(job)) {
        this.hand(job);
      } else {
        this.waiting.push(job);
        this.dispatch();
      }
    });
  }

  /** Cancels what runs, refuses what comes, and waits until the worker is gone. */
  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.waiting.splice(0)) job.settle({ error: cancelled() });
    const { worker, running } = this;
    this.worker = undefined;
    this.running = [];
    await worker?.end();
    for (const job of running) job.settle({ error: cancelled() });
  }

  private dispatch(): void {
    while (this.load.running < SLOTS && this.waiting.length && !this.closed) this.hand(this.waiting.shift()!);
  }

  private hand(job: Job): void {
    this.running.push(job);
    this.worker ??= this.spawn();
    this.worker.send({ type: 'job', id: job.id, task: job.task, input: job.input });
  }

  private spawn(): Worker {
    const worker: Worker = new Worker(this.config, {
      onMessage: (message) => this.receive(message),
      onExit: (reason) => this.lose(worker, reason),
    });
    return worker;
  }

  private receive(message: FromWorker): void {
    if (message.type === 'ready') return;
    const job = this.running.find(({ id }) => id === message.id);
    if (!job) return;
    if (message.type === 'progress') {
      job.onProgress?.(message.event);
      return;
    }
    this.running = this.running.filter((other) => other !== job);
    if (message.type === 'done') {
      job.settle({ output: message.output });
    } else {
      if (message.detail) this.events.onDefect?.(message.detail);
      job.settle({ error: job.cancelReason ?? VitrineError.fromBody(message.error) });
    }
    this.dispatch();
  }

  private lose(worker: Worker, reason: string): void {
    if (this.worker !== worker) return;
    const pid = worker.pid;
    this.worker = undefined;
    const lost = this.running;
    const front = lost.find((job) => !isQuestion(job));
    this.running = [];
    this.events.onWorkerDeath?.({ pid, reason });
    // A job may run twice, not more: it could be the one that takes the worker down.
    const again = lost.filter(
      (job) => job !== front && !isQuestion(job) && !job.cancelReason && !job.retried,
    );
    for (const job of again) job.retried = true;
    this.waiting.unshift(...again);
    for (const job of lost) {
      if (!again.includes(job)) job.settle({ error: job.cancelReason ?? workerDied(reason) });
    }
    this.dispatch();
  }

  private cancel(job: Job, reason: VitrineError): void {
    const index = this.waiting.indexOf(job);
    if (index >= 0) {
      this.waiting.splice(index, 1);
      job.settle({ error: reason });
      return;
    }
    if (!this.running.includes(job) || job.cancelReason) return;
    job.cancelReason = reason;
    const { worker } = this;
    worker?.send({ type: 'cancel', id: job.id, reason: reason.toJSON() });
    setTimeout(() => {
      if (this.worker === worker && this.running.includes(job)) worker?.kill();
    }, GRACE_SECONDS * 1000).unref();
  }

  private queueFull(): VitrineError {
    const body: ErrorBody = {
      code: 'QUEUE_FULL',
      message: `The engine has ${this.waiting.length} jobs waiting and takes no more for now`,
      hint: 'Send fewer jobs at a time, add an engine, or raise VITRINE_MAX_QUEUE.',
      retryAfter: 5,
    };
    return new VitrineError(body);
  }
}

/** Asks the worker something small: never waits behind pictures, and never takes the worker down. */
function isQuestion(job: Job): boolean {
  return job.task === 'models';
}

function workerDied(reason: string): VitrineError {
  return new VitrineError({
    code: 'WORKER_DIED',
    message: `The process that worked on this picture ended (${reason})`,
    hint: 'A new one is already there: try again. If it happens each time, the machine may be short of memory for this picture; "vitrine doctor" checks the rest.',
  });
}
