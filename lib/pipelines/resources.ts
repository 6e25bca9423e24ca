import { availableParallelism } from 'node:os';
import type { ModelSummary, WorkerConfig } from '../contracts';
import { Painter } from '../diffusion';
import { configureSharp } from '../image';
import { Cutter } from '../matting';
import { Networks, downloadSettings, summaries } from '../models';
import { type Runtime, ThreadRuntime } from '../runtime';
import { PixelBudget } from './pixel-budget';

/** What the use cases share inside one process: the configuration, the warm sessions. */
export class Resources {
  readonly networks: Networks;
  readonly cutter: Cutter;
  readonly painter: Painter;
  /** What photos under way may use of the memory. */
  readonly budget: PixelBudget;

  /** @param runtime what runs the networks; default: a thread of its own */
  constructor(
    readonly config: WorkerConfig,
    runtime: Runtime = new ThreadRuntime(),
  ) {
    const threads = config.threads || availableParallelism();
    configureSharp(threads);
    this.networks = new Networks({
      modelsDir: config.modelsDir,
      homeDir: config.homeDir,
      halfPrecision: config.halfPrecision,
      download: downloadSettings(config),
      threads,
      runtime,
    });
    this.cutter = new Cutter(this.networks);
    this.painter = new Painter(this.networks);
    this.budget = new PixelBudget(config.limits.maxPixels);
  }

  /** The models this machine can be asked for. */
  async models(): Promise<ModelSummary[]> {
    return summaries(await this.networks.registry());
  }

  /**
   * Loads a network and runs it once, so that the first photo need not wait for it.
   * @throws VitrineError as a cutout does
   */
  async warmUp(model: string): Promise<void> {
    const signal = new AbortController().signal;
    await this.cutter.warmUp({ model, device: this.config.device, strictDevice: false, signal });
  }

  /** Releases every session. */
  async dispose(): Promise<void> {
    await this.networks.dispose();
  }
}
