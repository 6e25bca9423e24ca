import type {
  ErrorBody,
  LoadedModel,
  ModelSummary,
  OutputFormat,
  Progress,
  RemoveParams,
  RemoveResult,
  WorkerConfig,
} from '../../contracts';

/** The jobs a worker can do: what goes in, what comes out. Pictures cross as paths, never as buffers. */
export interface Tasks {
  remove: {
    /** `folder`: the job's own; the `artifacts` of the result lie in it afterwards. */
    input: { file: string; folder: string; params: RemoveParams };
    output: RemoveResult;
  };
  preview: {
    /** Encoded files; the sheet lies in `folder` afterwards. */
    input: { pairs: { before: string; after: string }[]; folder: string; format: OutputFormat };
    output: { file: string };
  };
  prepare: {
    /** `maxSide`: pixels. The upright JPEG, without metadata, lies in `folder` afterwards. */
    input: { file: string; folder: string; maxSide: number };
    output: { file: string; mimeType: string; width: number; height: number };
  };
  models: { input: Record<string, never>; output: ModelSummary[] };
}

export type TaskName = keyof Tasks;

export type ToWorker =
  | { type: 'start'; config: WorkerConfig }
  | { type: 'job'; id: number; task: TaskName; input: Tasks[TaskName]['input'] }
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
