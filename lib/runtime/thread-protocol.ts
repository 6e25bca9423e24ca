import type { ErrorBody } from '../contracts';
import type { LoadedGraph, NativeOptions, Tensor } from './ort';

/** What the main thread asks of the inference thread; each question has one answer with its `id`. */
export type Question =
  | {
      id: number;
      ask: 'create';
      modelFile: string;
      options: NativeOptions;
      weightFiles: readonly string[];
    }
  | { id: number; ask: 'run'; graph: number; feeds: Record<string, Tensor>; outputs: readonly string[] }
  | { id: number; ask: 'release'; graph: number };

/** A graph that lives in the inference thread. */
export interface RemoteGraph extends Pick<LoadedGraph, 'inputMetadata' | 'outputMetadata' | 'notice'> {
  graph: number;
}

export type Answer = { id: number } & (
  | { created: RemoteGraph }
  | { outputs: Record<string, Tensor> }
  | { released: true }
  | { failure: { message: string; body?: ErrorBody } }
);
