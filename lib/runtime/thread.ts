import { Thread, builtFile } from '../contracts';
import type { LoadedGraph, NativeOptions, Runtime, Tensor } from './ort';
import type { Outputs, Question, RemoteGraph } from './thread-protocol';

/**
 * A runtime in a thread of its own, where onnxruntime may block: the next photo is decoded and the last one encoded
 * meanwhile, and a cancelled job is heard. Feeds move to the thread: their buffers are empty afterwards.
 *
 * The thread must never be stopped during a run: onnxruntime then takes the process down.
 */
export class ThreadRuntime implements Runtime {
  private readonly thread = new Thread(builtFile('lib/runtime/thread-main.js'), 'inference');

  async create(
    modelFile: string,
    options: NativeOptions,
    weightFiles: readonly string[],
  ): Promise<LoadedGraph> {
    const created = await this.ask({ ask: 'create', modelFile, options, weightFiles });
    const { graph, ...about } = created as RemoteGraph;
    return {
      ...about,
      run: async (feeds: object, outputs: unknown) => {
        const tensors = feeds as Record<string, Tensor>;
        // Tensors that share their values move them once.
        const buffers = [...new Set(Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer))];
        const question: Question = { ask: 'run', graph, feeds: tensors, outputs: outputs as string[] };
        return (await this.ask(question, buffers)) as Outputs as never;
      },
      release: async () => void (await this.ask({ ask: 'release', graph })),
    };
  }

  /** Tensors cross as they are; the thread makes onnxruntime's own of them. */
  tensor(value: Tensor): never {
    return value as never;
  }

  private ask(question: Question, move?: ArrayBuffer[]): Promise<unknown> {
    return this.thread.ask(question, move);
  }
}
