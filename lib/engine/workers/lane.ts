import { availableParallelism } from 'node:os';
import { type Config, type LaneTraits, type LoadedModel, VitrineError, cancelled } from '../../contracts';
import type { FromWorker } from './protocol';
import { Pace } from './pace';
import { type Task, isQuestion } from './task';
import { type Share, Worker } from './worker';

/** Seconds a cancelled task has to stop by itself before its worker is ended. */
const GRACE_SECONDS = 5;

export interface LaneEvents {
  /** A worker ended that was not asked to. */
  onWorkerDeath?(detail: { pid?: number; reason: string }): void;
  /** A job got its worker, for which it had waited so many seconds. */
  onWait?(seconds: number): void;
  /** A defect inside a task, for the log only. */
  onDefect?(detail: string): void;
}

/** Where one worker stands, and what runs there. */
interface Place {
  readonly share: Share;
  worker?: Worker;
  running: Task[];
  /** When the time of its worker was last divided among them, as `performance.now()` says it. */
  chargedAt: number;
  /** What the worker holds ready. */
  loaded: LoadedModel[];
  /** Ends the worker when it has been without work for long enough. */
  idle?: NodeJS.Timeout;
}

/** A lane: worker processes of one kind, and the queue before them, oldest task first. */
export class Lane {
  /** How long its tasks take. */
  readonly pace = new Pace();
  private readonly waiting: Task[] = [];
  private readonly places: Place[];
  /** Workers that were sent away and are not gone yet. */
  private readonly leaving = new Set<Promise<void>>();
  private closed = false;

  /** @param cards those that CUDA can use here */
  constructor(
    private readonly traits: LaneTraits,
    private readonly config: Config,
    private readonly events: LaneEvents,
    cards: readonly string[],
  ) {
    this.places = shares(traits, config, cards).map((share) => ({ share, ...vacant() }));
  }

  /** Process ids of the workers that there are now. */
  get pids(): number[] {
    return this.places.flatMap(({ worker }) => worker?.pid ?? []);
  }

  /** Processes that there are, or will be when there is work. */
  get workers(): number {
    return this.places.length;
  }

  /** Jobs that the workers may hold. */
  get mostAtOnce(): number {
    return this.places.length * this.traits.slots;
  }

  /** Jobs in a worker, and jobs waiting for one. */
  get load(): { running: number; waiting: number } {
    const running = this.places.reduce((sum, place) => sum + busy(place), 0);
    return { running, waiting: this.waiting.length };
  }

  /** The networks that its workers hold ready. */
  get loaded(): LoadedModel[] {
    return this.places.flatMap(({ loaded }) => loaded);
  }

  /**
   * Asks for room before work that ends in jobs.
   * @param coming jobs that have room already and are not here yet
   * @throws VitrineError QUEUE_FULL
   */
  admit(coming = 0): void {
    const free = this.places.reduce((sum, place) => sum + this.traits.slots - busy(place), 0);
    const ahead = this.waiting.length + Math.max(0, coming - free);
    if (ahead >= this.config.maxQueue) throw queueFull(ahead);
  }

  /** @throws VitrineError QUEUE_FULL */
  submit(task: Task): void {
    if (isQuestion(task)) {
      this.hand(freest(this.places), task);
      return;
    }
    this.admit();
    this.waiting.push(task);
    this.dispatch();
  }

  /**
   * Takes a task out of the queue, or tells its worker to stop it. A worker that does not is replaced; what else it
   * was working on begins anew.
   */
  cancel(task: Task, reason: VitrineError): void {
    const index = this.waiting.indexOf(task);
    if (index >= 0) {
      this.waiting.splice(index, 1);
      task.settle({ error: reason });
      return;
    }
    const place = this.places.find(({ running }) => running.includes(task));
    if (!place || task.cancelReason) return;
    task.cancelReason = reason;
    const { worker } = place;
    worker?.send({ type: 'cancel', id: task.id, reason: reason.toJSON() });
    setTimeout(() => {
      if (place.worker === worker && place.running.includes(task)) this.replace(place);
    }, GRACE_SECONDS * 1000).unref();
  }

  /** Cancels what runs and what waits, and returns when the workers are gone. */
  async close(): Promise<void> {
    this.closed = true;
    for (const task of this.waiting.splice(0)) task.settle({ error: cancelled() });
    const running = this.places.flatMap((place) => this.vacate(place));
    await Promise.all(this.leaving);
    for (const task of running) task.settle({ error: cancelled() });
  }

  /** Hands waiting jobs to the workers with the fewest; a suspect waits for a worker that has none. */
  private dispatch(): void {
    while (this.waiting.length && !this.closed) {
      const { suspect } = this.waiting[0];
      const open = this.places.filter((place) => (suspect ? !busy(place) : this.hasRoom(place)));
      if (!open.length) return;
      const task = this.waiting.shift()!;
      this.events.onWait?.((performance.now() - task.submittedAt) / 1000);
      this.hand(freest(open), task);
    }
  }

  private hasRoom(place: Place): boolean {
    return busy(place) < this.traits.slots && !place.running.some(({ suspect }) => suspect);
  }

  private hand(place: Place, task: Task): void {
    clearTimeout(place.idle);
    charge(place);
    Object.assign(task, { spentMs: 0, cold: false });
    place.running.push(task);
    place.worker ??= this.spawn(place);
    const { id, name, input, folder } = task;
    place.worker.send({ type: 'task', id, name, input, folder });
  }

  private spawn(place: Place): Worker {
    const worker: Worker = new Worker(
      this.config,
      {
        onMessage: (message) => this.receive(place, message),
        onExit: (reason) => {
          if (place.worker === worker) this.lose(place, worker, reason);
        },
      },
      place.share,
    );
    return worker;
  }

  private receive(place: Place, message: FromWorker): void {
    if (message.type === 'ready') return;
    if (message.type === 'loaded') {
      place.loaded = message.models;
      for (const task of place.running) task.cold = true;
      return;
    }
    const task = place.running.find(({ id }) => id === message.id);
    if (!task) return;
    if (message.type === 'progress') {
      const { fraction } = message.event;
      task.furthest = Math.max(task.furthest, fraction);
      if (fraction >= task.quietBelow) task.onProgress(message.event);
      return;
    }
    charge(place);
    place.running = place.running.filter((other) => other !== task);
    if (message.type === 'done') {
      if (!task.cold) this.pace.note(task.name, task.spentMs / 1000);
      task.settle({ output: message.output });
    } else {
      if (message.detail) this.events.onDefect?.(message.detail);
      task.settle({ error: task.cancelReason ?? VitrineError.fromBody(message.error) });
    }
    this.dispatch();
    this.rest(place);
  }

  /** Starts the clock of a worker that has nothing to do. */
  private rest(place: Place): void {
    const { idleSeconds } = this.traits;
    if (idleSeconds === undefined || place.running.length) return;
    clearTimeout(place.idle);
    place.idle = setTimeout(() => this.vacate(place), idleSeconds * 1000).unref();
  }

  /**
   * A worker died. A job that it held alone is to blame; of several each is suspected, and runs again alone. Thus the
   * one that takes workers down is found, and fails, and no other does.
   */
  private lose(place: Place, worker: Worker, reason: string): void {
    this.events.onWorkerDeath?.({ pid: worker.pid, reason });
    const alone = busy(place) === 1;
    this.resume(this.vacate(place), reason, (task) => {
      if (task.suspect || (alone && !isQuestion(task))) return false;
      task.suspect = true;
      return true;
    });
  }

  /** Ends a worker that does not stop a cancelled task; the others in it are not to blame. */
  private replace(place: Place): void {
    this.resume(this.vacate(place), 'a cancelled job did not stop', () => true);
  }

  /**
   * Puts tasks that have lost their worker back in front of the queue; cancelled ones end.
   * @param mayBeginAnew asked for each that is left and restartable; the others fail for the `reason`
   */
  private resume(lost: Task[], reason: string, mayBeginAnew: (task: Task) => boolean): void {
    const again = lost.filter((task) => !task.cancelReason && task.traits.restartable && mayBeginAnew(task));
    for (const task of again) task.quietBelow = task.furthest;
    this.waiting.unshift(...again.filter((task) => !isQuestion(task)));
    for (const question of again.filter(isQuestion)) this.hand(freest(this.places), question);
    for (const task of lost)
      if (!again.includes(task)) task.settle({ error: task.cancelReason ?? workerDied(reason) });
    this.dispatch();
  }

  /**
   * Sends the worker of a place away, dead or alive; the next task gets a new one.
   * @returns the tasks that it was working on, for the caller to settle
   */
  private vacate(place: Place): Task[] {
    const { worker, running, idle } = place;
    clearTimeout(idle);
    Object.assign(place, vacant());
    if (worker) {
      const gone = worker.end().finally(() => this.leaving.delete(gone));
      this.leaving.add(gone);
    }
    return running;
  }
}

function vacant(): Omit<Place, 'share'> {
  return { worker: undefined, running: [], chargedAt: performance.now(), loaded: [], idle: undefined };
}

/** Divides the time since the last change among the jobs that were there. */
function charge(place: Place): void {
  const now = performance.now();
  const jobs = place.running.filter((task) => !isQuestion(task));
  for (const job of jobs) job.spentMs += (now - place.chargedAt) / jobs.length;
  place.chargedAt = now;
}

function shares({ processes }: LaneTraits, config: Config, cards: readonly string[]): Share[] {
  if (processes === 'cores')
    return Array.from({ length: config.threads || availableParallelism() }, () => ({ threads: 1 }));
  return cards.length > 1 ? cards.map((card) => ({ card })) : [{}];
}

/** Jobs in a worker, questions apart. */
function busy({ running }: Place): number {
  return running.filter((task) => !isQuestion(task)).length;
}

function freest(places: Place[]): Place {
  return places.reduce((best, each) => (busy(each) < busy(best) ? each : best));
}

function queueFull(waiting: number): VitrineError {
  return new VitrineError({
    code: 'QUEUE_FULL',
    message: `The engine has ${waiting} jobs waiting and takes no more for now`,
    hint: 'Send fewer jobs at a time, add an engine, or raise VITRINE_MAX_QUEUE.',
    retryAfter: 5,
  });
}

function workerDied(reason: string): VitrineError {
  return new VitrineError({
    code: 'WORKER_DIED',
    message: `The process that worked on this picture ended (${reason})`,
    hint: 'A new one is already there: try again. If it happens each time, the machine may be short of memory for this picture; "vitrine doctor" checks the rest.',
  });
}
