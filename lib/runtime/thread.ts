import { Worker } from 'node:worker_threads';
import { builtFile, VitrineError } from '../contracts';
import type { LoadedGraph, NativeOptions, Runtime, Tensor } from './ort';
import type { Answer, Question } from './thread-protocol';

type Asked = Question extends infer Each ? (Each extends unknown ? Omit<Each, 'id'> : never) : never;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * A runtime in a thread of its own, where onnxruntime may block: the next photo is decoded and the last one encoded
 * meanwhile, and a cancelled job is heard. Feeds move to the thread: their buffers are empty afterwards.
 *
 * The thread starts at once, while its maker goes on. It must never be stopped during a run (onnxruntime then takes the
 * process down): it ends with the process, and keeps none alive that waits for no answer.
 */
export class ThreadRuntime implements Runtime {
  private worker?: Worker = this.start();
  private lastId = 0;
  private readonly waiting = new Map<number, Waiting>();

  async create(
    modelFile: string,
    options: NativeOptions,
    weightFiles: readonly string[],
  ): Promise<LoadedGraph> {
    const answer = await this.ask({ ask: 'create', modelFile, options, weightFiles });
    const { graph, ...about } = (answer as Extract<Answer, { created: unknown }>).created;
    return {
      ...about,
      run: async (feeds: object, outputs: unknown) => {
        const tensors = Object.values(feeds as Record<string, Tensor>);
        const question = { ask: 'run', graph, feeds, outputs } as Extract<Asked, { ask: 'run' }>;
        // Tensors that share their values move them once.
        const buffers = [...new Set(tensors.map(({ data }) => data.buffer as ArrayBuffer))];
        const reply = await this.ask(question, buffers);
        return (reply as Extract<Answer, { outputs: unknown }>).outputs as never;
      },
      release: async () => void (await this.ask({ ask: 'release', graph })),
    };
  }

  /** Tensors cross as they are; the thread makes onnxruntime's own of them. */
  tensor(value: Tensor): never {
    return value as never;
  }

  private ask(question: Asked, move: ArrayBuffer[] = []): Promise<Answer> {
    const worker = (this.worker ??= this.start());
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      // First, since it throws for values that cannot move: nobody must then wait, nor the process live on for it.
      worker.postMessage({ ...question, id }, move);
      this.waiting.set(id, { resolve, reject });
      worker.ref();
    });
  }

  private start(): Worker {
    const worker = new Worker(builtFile('lib/runtime/thread-main.js'));
    worker.on('message', (answer: Answer) => {
      const asked = this.waiting.get(answer.id)!;
      this.waiting.delete(answer.id);
      if (!this.waiting.size) worker.unref();
      if (!('failure' in answer)) return asked.resolve(answer);
      const { message, body } = answer.failure;
      asked.reject(body ? VitrineError.fromBody(body) : new Error(message));
    });
    worker.on('error', (error) => this.fail(worker, error));
    worker.on('exit', (code) => this.fail(worker, new Error(`The inference thread ended with code ${code}`)));
    // Last, since whoever listens to it waits for it.
    worker.unref();
    return worker;
  }

  /** A thread that fails ends a little later, when the next one may be at work already. */
  private fail(worker: Worker, error: Error): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
