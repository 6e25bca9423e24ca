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
  /** It has begun anew once. */
  retried: boolean;
}

export function isQuestion({ traits }: Task): boolean {
  return traits.kind === 'question';
}
