import type { WorkerPool } from '../workers';

/** Milliseconds after which the models folder is looked at again, by whoever asks next. */
const FRESH_MS = 30_000;

/** The ids of the models whose files are on this machine, as a worker last saw them: nobody waits for the answer. */
export class KnownModels {
  private ids?: string[];
  private readonly sizes = new Map<string, number>();
  private askedAt = -Infinity;

  constructor(private readonly pool: WorkerPool) {}

  /** Undefined until a worker has looked. */
  get list(): string[] | undefined {
    // Without an answer the list stays as it was; jobs say what is wrong with the worker.
    if (performance.now() - this.askedAt >= FRESH_MS) void this.look().catch(() => undefined);
    return this.ids;
  }

  /** Of its files; 0 where that is not known. */
  bytesOf(id: string): number {
    return this.sizes.get(id) ?? 0;
  }

  /** @throws VitrineError what keeps the worker from answering */
  async look(): Promise<void> {
    this.askedAt = performance.now();
    const models = await this.pool.ask('models', {});
    for (const { id, bytes } of models) this.sizes.set(id, bytes);
    this.ids = models.filter(({ available }) => available).map(({ id }) => id);
  }
}
