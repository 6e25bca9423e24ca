import { GENERATORS, type Generator } from '../../contracts';
import { gemini } from './gemini';
import { runway } from './runway';
import { sdxl } from './sdxl';
import type { GeneratorTools, SceneGenerator } from './types';

/** Everything that makes scenes from prompts, by the names that callers give. */
export const SCENE_GENERATORS: Record<Generator, SceneGenerator> = { sdxl, runway, gemini };

/** Those that a job can have scenes of, the preferred one first. */
export async function generatorsFor(tools: GeneratorTools): Promise<Generator[]> {
  const here = await Promise.all(GENERATORS.map((name) => SCENE_GENERATORS[name].isHere(tools)));
  return GENERATORS.filter((_, index) => here[index]);
}
