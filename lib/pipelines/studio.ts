import { availableParallelism } from 'node:os';
import type { Config, ModelSummary } from '../contracts';
import { configureSharp } from '../image';
import { Cutter } from '../matting';
import { loadRegistry, summaries } from '../models';

/** What the use cases share inside one process: the configuration, the warm sessions. */
export class Studio {
  readonly cutter: Cutter;

  constructor(readonly config: Config) {
    const threads = config.threads || availableParallelism();
    configureSharp(threads);
    this.cutter = new Cutter({ modelsDir: config.modelsDir, threads });
  }

  /** The models this machine can be asked for. */
  async models(): Promise<ModelSummary[]> {
    return summaries(await loadRegistry(this.config.modelsDir));
  }

  /** Releases every session. */
  async dispose(): Promise<void> {
    await this.cutter.dispose();
  }
}
