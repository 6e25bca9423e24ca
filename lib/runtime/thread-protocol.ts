import type { LoadedGraph, NativeOptions, Tensor } from './ort';

/** What the main thread asks of the inference thread. */
export type Question =
  | { ask: 'create'; modelFile: string; options: NativeOptions; weightFiles: readonly string[] }
  | { ask: 'run'; graph: number; feeds: Record<string, Tensor>; outputs: readonly string[] }
  | { ask: 'release'; graph: number };

/** What `create` is answered: a graph that lives in the inference thread. */
export interface RemoteGraph extends Pick<LoadedGraph, 'inputMetadata' | 'outputMetadata' | 'notice'> {
  graph: number;
}

/** What `run` is answered. */
export type Outputs = Record<string, Tensor>;
