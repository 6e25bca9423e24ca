import {
  type Config,
  LANES,
  type LaneName,
  type LaneTraits,
  type LoadedModel,
  type Progress,
  type QuestionName,
  TASKS,
  type TaskName,
  type TaskTraits,
  type Tasks,
  VitrineError,
  type WorkName,
  cancelled,
  deadlineExceeded,
} from '../../contracts';
import { cudaCards, thisHost } from '../../runtime';
import { Lane, type LaneEvents } from './lane';
import type { Task } from './task';

export interface RunOptions {
  /** The job's own: what the task writes lies in it afterwards. */
  folder: string;
  signal?: AbortSignal;
  onProgress?(event: Progress): void;
  /** Seconds from submission to result; default: `config.jobTimeoutSeconds`. */
  timeoutSeconds?: number;
}

/** What stands before a task, and what it takes. */
export interface Outlook {
  /** Jobs in a worker of its lane, and jobs waiting for one. */
  running: number;
  waiting: number;
  /** Processes that the lane has. */
  workers: number;
  /** Seconds of one of them that such a task takes; undefined before some were done. */
  seconds?: number;
  /** Seconds since the last one was done. */
  age?: number;
}

export interface PoolEvents extends Omit<LaneEvents, 'onWait'> {
  /** A job of a lane got its worker, for which it had waited so many seconds. */
  onWait?(lane: string, seconds: number): void;
}

/** What a pool is made of, where that is not read from this machine and the tables. */
interface PoolParts {
  /** Cards that CUDA can use; a lane has a worker for each of several. */
  cards?: readonly string[];
  lanes?: Record<LaneName, LaneTraits>;
  tasks?: Record<TaskName, TaskTraits>;
}

/** Runs tasks in child processes, each in the lane that the table names, and outlives them. */
export class WorkerPool {
  private readonly lanes: Map<string, Lane>;
  private readonly tasks: Record<TaskName, TaskTraits>;
  private lastId = 0;
  private closed = false;

  constructor(
    private readonly config: Config,
    events: PoolEvents = {},
    { cards, lanes = LANES, tasks = TASKS }: PoolParts = {},
  ) {
    const isWanted = config.device === 'auto' || config.device === 'cuda';
    const usable = cards ?? (isWanted ? cudaCards(thisHost(config.homeDir)) : []);
    this.tasks = tasks;
    this.lanes = new Map(
      Object.entries(lanes).map(([name, traits]) => {
        const own: LaneEvents = { ...events, onWait: (seconds) => events.onWait?.(name, seconds) };
        return [name, new Lane(traits, config, own, usable)];
      }),
    );
  }

  /** Jobs of the task `name` that the workers may come to hold. */
  mostAtOnce(name: WorkName): number {
    return this.laneOf(name).mostAtOnce;
  }

  /** Jobs in a worker, and jobs waiting for one. */
  get load(): { running: number; waiting: number } {
    const loads = [...this.lanes.values()].map(({ load }) => load);
    const sum = (part: 'running' | 'waiting') => loads.reduce((total, load) => total + load[part], 0);
    return { running: sum('running'), waiting: sum('waiting') };
  }

  /** Each lane: what it has to do, how many workers it may have, and the process ids of those that are there. */
  get state(): { lane: string; running: number; waiting: number; workers: number; pids: number[] }[] {
    return [...this.lanes].map(([lane, { load, workers, pids }]) => ({ lane, ...load, workers, pids }));
  }

  /** The lane in which tasks of the name `name` are done, and how long one of them takes there. */
  outlook(name: WorkName): Outlook {
    const lane = this.laneOf(name);
    return { ...lane.load, workers: lane.workers, seconds: lane.pace.of(name), age: lane.pace.ageOf(name) };
  }

  /** The networks that workers hold ready; one that several hold is there once. */
  get loaded(): LoadedModel[] {
    const all = [...this.lanes.values()].flatMap(({ loaded }) => loaded);
    return [...new Map(all.map((each) => [`${each.model}|${each.device}`, each])).values()];
  }

  /** Starts a worker and waits until it answers; jobs do this by themselves. */
  async warmUp(): Promise<void> {
    await this.ask('models', {});
  }

  /**
   * Asks for room before work that ends in jobs of the task `name`.
   * @param coming jobs that have room already and are not here yet, such as those whose photo is on its way
   * @throws VitrineError QUEUE_FULL
   */
  admit(name: WorkName, coming = 0): void {
    this.laneOf(name).admit(coming);
  }

  /**
   * @throws VitrineError what the task threw; `QUEUE_FULL`, `WORKER_DIED`, `CANCELLED`, `DEADLINE_EXCEEDED`
   */
  run<T extends WorkName>(
    name: T,
    input: Tasks[T]['input'],
    options: RunOptions,
  ): Promise<Tasks[T]['output']> {
    return this.submit(name, input, options);
  }

  /** @throws VitrineError as `run` does, but never `QUEUE_FULL` */
  ask<T extends QuestionName>(name: T, input: Tasks[T]['input']): Promise<Tasks[T]['output']> {
    return this.submit(name, input, { folder: this.config.tempDir });
  }

  /** Cancels what runs, refuses what comes, and waits until the workers are gone. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.lanes.values()].map((lane) => lane.close()));
  }

  private submit<T extends TaskName>(
    name: T,
    input: Tasks[T]['input'],
    { folder, signal, onProgress, timeoutSeconds = this.config.jobTimeoutSeconds }: RunOptions,
  ): Promise<Tasks[T]['output']> {
    if (this.closed || signal?.aborted) return Promise.reject(cancelled());
    const lane = this.laneOf(name);
    return new Promise((resolve, reject) => {
      const abort = () =>
        lane.cancel(task, signal?.reason instanceof VitrineError ? signal.reason : cancelled());
      const timer = setTimeout(
        () => lane.cancel(task, deadlineExceeded(timeoutSeconds)),
        timeoutSeconds * 1000,
      );
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const task: Task = {
        id: ++this.lastId,
        name,
        traits: this.tasks[name],
        input,
        folder,
        onProgress: (event) => {
          // A slow line is not a slow job: its time starts when the model is here.
          if (event.stage === 'download' || task.traits.paced) timer.refresh();
          onProgress?.(event);
        },
        suspect: false,
        furthest: 0,
        submittedAt: performance.now(),
        quietBelow: 0,
        spentMs: 0,
        cold: false,
        settle: (outcome) => {
          leave();
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.output as Tasks[T]['output']);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      try {
        lane.submit(task);
      } catch (error) {
        leave();
        reject(error);
      }
    });
  }

  private laneOf(name: TaskName): Lane {
    return this.lanes.get(this.tasks[name].lane)!;
  }
}
