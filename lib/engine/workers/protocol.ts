import type { ErrorBody, LoadedModel, Progress, TaskName, Tasks, WorkerConfig } from '../../contracts';

export type ToWorker =
  | { type: 'start'; config: WorkerConfig }
  /** `folder`: the job's own; a question writes nothing into it. */
  | { type: 'task'; id: number; name: TaskName; input: Tasks[TaskName]['input']; folder: string }
  | { type: 'cancel'; id: number; reason: ErrorBody };

export type FromWorker =
  | { type: 'ready' }
  /** Told whenever a network was loaded. */
  | { type: 'loaded'; models: LoadedModel[] }
  | { type: 'progress'; id: number; event: Progress }
  | { type: 'done'; id: number; output: Tasks[TaskName]['output'] }
  | { type: 'failed'; id: number; error: ErrorBody; detail?: string };
