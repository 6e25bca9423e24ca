import { randomUUID } from 'node:crypto';
import type { CallbackParams, JobName, Progress, VitrineError } from '../../contracts';

/** How far a callback is; `reason` says why it was given up. */
export type CallbackState =
  | { state: 'waiting' | 'delivered'; attempts: number }
  | { state: 'failed'; attempts: number; reason: string };

/** What an engine knows of a job whose caller does not wait for it, or that calls back. */
export class JobRecord {
  readonly jobId = randomUUID();
  private readonly createdAt = new Date();
  private finishedAt?: Date;
  private progress?: Progress;
  private outcome?: { result: object } | { error: VitrineError };
  private callback?: CallbackState;
  /** What the reader should know of its callback. */
  readonly warnings: string[] = [];

  constructor(
    readonly job: JobName,
    /** What the caller knows it by. */
    readonly ids: Pick<CallbackParams, 'mediaId' | 'projectId'>,
  ) {}

  /** Milliseconds since the epoch at which it ended; undefined while it goes on, its callback included. */
  get endedAt(): number | undefined {
    return this.callback?.state === 'waiting' ? undefined : this.finishedAt?.getTime();
  }

  /** The first step of a job is its begin. */
  advance(progress: Progress): void {
    this.progress = progress;
  }

  finish(outcome: { result: object } | { error: VitrineError }): void {
    this.outcome = outcome;
    this.finishedAt = new Date();
  }

  tell(callback: CallbackState): void {
    this.callback = callback;
  }

  /** What `GET /api/background/jobs/{jobId}` answers. */
  toJSON(): object {
    const { jobId, job, ids, outcome, progress, callback, warnings } = this;
    return {
      ...{ jobId, job, ...ids, state: this.state() },
      createdAt: this.createdAt.toISOString(),
      ...(this.finishedAt ? { finishedAt: this.finishedAt.toISOString() } : { progress }),
      ...outcome,
      callback,
      warnings,
    };
  }

  private state(): 'queued' | 'running' | 'succeeded' | 'failed' {
    if (this.outcome) return 'result' in this.outcome ? 'succeeded' : 'failed';
    return this.progress ? 'running' : 'queued';
  }
}
