import type { ErrorBody, LoadedModel, Progress, TaskName, Tasks, WorkerConfig } from '../../contracts';

export type ToWorker =
  | { type: 'start'; config: WorkerConfig }
  /** `folder`: the job's own; a question writes nothing into it. */
  | { type: 'task'; id: number; name: TaskName; input: Tasks[TaskName]['input']; folder: string }
  | { type: 'cancel'; id: number; reason: ErrorBody };

export type FromWorker =
  | { type: 'ready' }
  /** Its network takes several photos at once: it can use more jobs at a time than it was given so far. */
  | { type: 'batching' }
  /** Told whenever a network was loaded. */
  | { type: 'loaded'; models: LoadedModel[] }
  | { type: 'progress'; id: number; event: Progress }
  | { type: 'done'; id: number; output: Tasks[TaskName]['output'] }
  | { type: 'failed'; id: number; error: ErrorBody; detail?: string };
