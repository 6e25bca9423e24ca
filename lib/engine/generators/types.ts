import type { Config, GeneratedScene, ReplaceParams, SceneRequest, Secrets } from '../../contracts';
import type { WorkerPool } from '../workers';

/** What a job has that says what its scenes can be generated with. */
export interface GeneratorAccess {
  config: Config;
  pool: WorkerPool;
  params: Pick<ReplaceParams, 'generator_model'>;
  secrets: Secrets;
}

/** What a job has that its scenes are generated with. */
export interface GeneratorTools extends GeneratorAccess {
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
  isHere(access: GeneratorAccess): boolean | Promise<boolean>;
  /**
   * All that decides on a scene but its seed and the product in it: two requests that are alike in these three are the
   * same scene.
   * @throws VitrineError INVALID_PARAMETER for what it cannot make
   */
  settings(request: SceneRequest, access: Pick<GeneratorAccess, 'config'>): object;
  /** @throws VitrineError what it was refused for; what the signal was aborted with */
  generate(request: SceneRequest, tools: GeneratorTools, context: GenerateContext): Promise<MadeScene>;
  /** How many scenes it makes at most until one has no product of its own. */
  tries: number;
}
