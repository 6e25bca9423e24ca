import type { Config, GeneratedScene, SceneRequest, Secrets } from '../../contracts';
import type { WorkerPool } from '../workers';

/** What a job has that its scenes are generated with. */
export interface GeneratorTools {
  config: Config;
  pool: WorkerPool;
  secrets: Secrets;
  /** Told of what went wrong beside the scene, for the log only. */
  onDefect(error: unknown): void;
}

/** How one scene is made: where to write, how to stop, where to report. */
export interface GenerateContext {
  /** For this scene alone; removed when it has been read. */
  folder: string;
  signal: AbortSignal;
  /** @param fraction 0..1 of this scene */
  onProgress(message: string, fraction: number): void;
}

/** A scene as its generator left it. */
export interface MadeScene extends Omit<GeneratedScene, 'cached'> {
  /** Proportions or size that it was asked for, such as `16:9`; what came otherwise is told. */
  shape?: string;
}

/** What makes scenes from prompts. */
export interface SceneGenerator {
  /** Whether this job can have scenes of it. */
  isHere(tools: GeneratorTools): boolean | Promise<boolean>;
  /**
   * All that decides on a scene but its seed and the product in it: two requests that are alike in these three are the
   * same scene.
   * @throws VitrineError INVALID_PARAMETER for what it cannot make
   */
  settings(request: SceneRequest, tools: GeneratorTools): object;
  /** @throws VitrineError what it was refused for; what the signal was aborted with */
  generate(request: SceneRequest, tools: GeneratorTools, context: GenerateContext): Promise<MadeScene>;
  /** How many scenes it makes at most until one has no product of its own. */
  tries: number;
}
