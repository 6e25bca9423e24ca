import type { Progress, TaskName, TaskTraits, Tasks, VitrineError } from '../../contracts';

/** A task on its way through a lane, from submission to its end. */
export interface Task {
  id: number;
  name: TaskName;
  traits: TaskTraits;
  input: Tasks[TaskName]['input'];
  folder: string;
  onProgress(event: Progress): void;
  /** Called once. */
  settle(outcome: { output: Tasks[TaskName]['output'] } | { error: VitrineError }): void;
  /** Set when it was told to stop and has not yet. */
  cancelReason?: VitrineError;
  /** It was there when a worker died: it runs alone now, so that a second death is its own. */
  suspect: boolean;
  /** 0..1, as far as its progress was told. */
  furthest: number;
  /** When it came, as `performance.now()` says it. */
  submittedAt: number;
  /** Progress below this was told before it began anew. */
  quietBelow: number;
  /** Milliseconds of its worker so far: what passes while it is there, divided by the jobs that are there with it. */
  spentMs: number;
  /** Its worker loaded or fetched a network meanwhile: its time says nothing about the next job. */
  cold: boolean;
}

export function isQuestion({ traits }: Task): boolean {
  return traits.kind === 'question';
}
