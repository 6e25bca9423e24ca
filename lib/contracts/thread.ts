import { Worker, parentPort } from 'node:worker_threads';
import { type ErrorBody, VitrineError } from './errors';

interface Asked {
  id: number;
  question: unknown;
}

type Reply = { id: number } & ({ answer: unknown } | { failure: { message: string; body?: ErrorBody } });

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/**
 * A thread of its own that answers questions; `answerQuestions` is its inside. It starts at once, while its maker goes on,
 * ends with the process, and keeps none alive that waits for no answer. One that died starts anew with the next question.
 */
export class Thread {
  private worker?: Worker;
  private lastId = 0;
  private readonly waiting = new Map<number, Waiting>();

  /**
   * @param file JavaScript that is built
   * @param name of what it does, for errors
   */
  constructor(
    private readonly file: string,
    private readonly name: string,
  ) {
    this.worker = this.start();
  }

  /**
   * @param move buffers of the question that leave this thread, and are empty afterwards
   * @throws VitrineError what the thread says; Error for a defect in it, or where it ended
   */
  ask(question: object, move: ArrayBuffer[] = []): Promise<unknown> {
    const worker = (this.worker ??= this.start());
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      // First, since it throws for values that cannot move: nobody must then wait, nor the process live on for it.
      worker.postMessage({ id, question } satisfies Asked, move);
      this.waiting.set(id, { resolve, reject });
      worker.ref();
    });
  }

  /** Stops it. Native code that is running in it can take the process down: first wait for all answers. */
  async end(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(this.file);
    worker.on('message', (reply: Reply) => {
      const asked = this.waiting.get(reply.id)!;
      this.waiting.delete(reply.id);
      if (!this.waiting.size) worker.unref();
      if ('answer' in reply) return asked.resolve(reply.answer);
      const { message, body } = reply.failure;
      asked.reject(body ? VitrineError.fromBody(body) : new Error(message));
    });
    worker.on('error', (error) => this.fail(worker, error));
    worker.on('exit', (code) =>
      this.fail(worker, new Error(`The ${this.name} thread ended with code ${code}`)),
    );
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

/** An answer, and those of its buffers that leave the thread with it. */
export interface Answer {
  answer: unknown;
  move: ArrayBuffer[];
}

/** The inside of a `Thread`: it works on questions as they come, each answered by itself. */
export function answerQuestions<Question>(work: (question: Question) => Promise<Answer>): void {
  parentPort!.on('message', async ({ id, question }: Asked) => {
    const reply = (message: Reply, move: ArrayBuffer[] = []) => parentPort!.postMessage(message, move);
    try {
      const { answer, move } = await work(question as Question);
      reply({ id, answer }, move);
    } catch (error) {
      const body = error instanceof VitrineError ? error.toJSON() : undefined;
      const message = error instanceof Error ? error.message : String(error);
      reply({ id, failure: { message, body } });
    }
  });
}
