import {
  type Config,
  type ErrorBody,
  type LoadedModel,
  type Progress,
  cancelled,
  deadlineExceeded,
  VitrineError,
} from '../../contracts';
import { cudaCards, MAX_BATCH } from '../../runtime';
import type { FromWorker, TaskName, Tasks } from './protocol';
import { Worker } from './worker';

/** Jobs that one worker holds at a time: while one infers, the next decodes. */
const SLOTS = 2;
/** The same where photos run in batches: while one batch infers, the next gathers, and one photo is encoded. */
const BATCH_SLOTS = 1 + 2 * MAX_BATCH;
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

/** One worker's place: what runs there, and the card that it sees. */
interface Lane {
  worker?: Worker;
  running: Job[];
  /** Jobs it may hold, questions apart. */
  slots: number;
  /** What the worker holds ready. */
  loaded: LoadedModel[];
  /** As CUDA_VISIBLE_DEVICES names it; undefined: whatever the engine itself sees. */
  card?: string;
}

/**
 * Runs jobs in child processes, one for each graphics card, oldest job first, and outlives them. When a child dies,
 * the job that it was working on fails with `WORKER_DIED`; one that only waited behind it runs again in a new child.
 */
export class WorkerPool {
  private readonly waiting: Job[] = [];
  private readonly lanes: Lane[];
  private lastId = 0;
  private closed = false;

  /** @param cards a worker for each; default: the cards that CUDA can use here, or one worker without any */
  constructor(
    private readonly config: Config,
    private readonly events: PoolEvents = {},
    private readonly cards: readonly string[] = config.device === 'auto' || config.device === 'cuda'
      ? cudaCards()
      : [],
  ) {
    const places = cards.length > 1 ? cards : [undefined];
    this.lanes = places.map((card) => ({ card, running: [], slots: SLOTS, loaded: [] }));
  }

  /** Jobs that the workers may come to hold: more where cards may run them in batches. */
  get mostAtOnce(): number {
    return this.lanes.length * (this.cards.length ? BATCH_SLOTS : SLOTS);
  }

  /** Jobs in a worker, and jobs waiting for one. */
  get load(): { running: number; waiting: number } {
    const running = this.lanes.reduce((sum, lane) => sum + busy(lane), 0);
    return { running, waiting: this.waiting.length };
  }

  /** The networks that workers hold ready; one that several hold is there once. */
  get loaded(): LoadedModel[] {
    const all = this.lanes.flatMap(({ loaded }) => loaded);
    return [...new Map(all.map((each) => [`${each.model}|${each.device}`, each])).values()];
  }

  /** Process id of the first worker, once it runs. */
  get pid(): number | undefined {
    return this.lanes[0].worker?.pid;
  }

  /** Process ids of the workers that run. */
  get pids(): number[] {
    return this.lanes.flatMap(({ worker }) => worker?.pid ?? []);
  }

  /** Starts a worker and waits until it takes jobs; jobs do this by themselves. */
  async warmUp(): Promise<void> {
    await this.run('models', {});
  }

  /**
   * Asks for room before work that ends in jobs.
   * @throws VitrineError QUEUE_FULL
   */
  admit(): void {
    if (this.isFull) throw this.queueFull();
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
        onProgress: (event) => {
          // A slow line is not a slow job: its time starts when the model is here.
          if (event.stage === 'download') timer.refresh();
          onProgress?.(event);
        },
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
        this.hand(freest(this.lanes), job);
      } else if (this.isFull) {
        job.settle({ error: this.queueFull() });
      } else {
        this.waiting.push(job);
        this.dispatch();
      }
    });
  }

  /** Cancels what runs, refuses what comes, and waits until the workers are gone. */
  async close(): Promise<void> {
    this.closed = true;
    for (const job of this.waiting.splice(0)) job.settle({ error: cancelled() });
    await Promise.all(
      this.lanes.map(async (lane) => {
        const { worker, running } = lane;
        lane.worker = undefined;
        lane.running = [];
        lane.loaded = [];
        await worker?.end();
        for (const job of running) job.settle({ error: cancelled() });
      }),
    );
  }

  /** Hands waiting jobs to the workers with the fewest. */
  private dispatch(): void {
    while (this.waiting.length && !this.closed) {
      const open = this.lanes.filter((lane) => busy(lane) < lane.slots);
      if (!open.length) return;
      this.hand(freest(open), this.waiting.shift()!);
    }
  }

  private hand(lane: Lane, job: Job): void {
    lane.running.push(job);
    lane.worker ??= this.spawn(lane);
    lane.worker.send({ type: 'job', id: job.id, task: job.task, input: job.input });
  }

  private spawn(lane: Lane): Worker {
    const worker: Worker = new Worker(
      this.config,
      {
        onMessage: (message) => this.receive(lane, message),
        onExit: (reason) => this.lose(lane, worker, reason),
      },
      lane.card,
    );
    return worker;
  }

  private receive(lane: Lane, message: FromWorker): void {
    if (message.type === 'ready') return;
    if (message.type === 'batching') {
      lane.slots = BATCH_SLOTS;
      this.dispatch();
      return;
    }
    if (message.type === 'loaded') {
      lane.loaded = message.models;
      return;
    }
    const job = lane.running.find(({ id }) => id === message.id);
    if (!job) return;
    if (message.type === 'progress') {
      job.onProgress?.(message.event);
      return;
    }
    lane.running = lane.running.filter((other) => other !== job);
    if (message.type === 'done') {
      job.settle({ output: message.output });
    } else {
      if (message.detail) this.events.onDefect?.(message.detail);
      job.settle({ error: job.cancelReason ?? VitrineError.fromBody(message.error) });
    }
    this.dispatch();
  }

  private lose(lane: Lane, worker: Worker, reason: string): void {
    if (lane.worker !== worker) return;
    const pid = worker.pid;
    lane.worker = undefined;
    lane.slots = SLOTS;
    const lost = lane.running;
    const front = lost.find((job) => !isQuestion(job));
    lane.running = [];
    lane.loaded = [];
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
    const lane = this.lanes.find(({ running }) => running.includes(job));
    if (!lane || job.cancelReason) return;
    job.cancelReason = reason;
    const { worker } = lane;
    worker?.send({ type: 'cancel', id: job.id, reason: reason.toJSON() });
    setTimeout(() => {
      if (lane.worker === worker && lane.running.includes(job)) worker?.kill();
    }, GRACE_SECONDS * 1000).unref();
  }

  private get isFull(): boolean {
    return this.waiting.length >= this.config.maxQueue;
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

/** Jobs in a worker, questions apart. */
function busy({ running }: Lane): number {
  return running.filter((job) => !isQuestion(job)).length;
}

function freest(lanes: Lane[]): Lane {
  return lanes.reduce((best, each) => (busy(each) < busy(best) ? each : best));
}

function workerDied(reason: string): VitrineError {
  return new VitrineError({
    code: 'WORKER_DIED',
    message: `The process that worked on this picture ended (${reason})`,
    hint: 'A new one is already there: try again. If it happens each time, the machine may be short of memory for this picture; "vitrine doctor" checks the rest.',
  });
}
