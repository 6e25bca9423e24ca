import { GENERATORS, type Generator, type SceneRequest } from '../../contracts';
import { gemini } from './gemini';
import { runway } from './runway';
import { sdxl } from './sdxl';
import type { GeneratorAccess, SceneGenerator } from './types';

/** Everything that makes scenes from prompts, by the names that callers give. */
export const SCENE_GENERATORS: Record<Generator, SceneGenerator> = { sdxl, runway, gemini };

/** Those that a job can have scenes of, the preferred one first. */
export async function generatorsFor(access: GeneratorAccess): Promise<Generator[]> {
  const here = await Promise.all(GENERATORS.map((name) => SCENE_GENERATORS[name].isHere(access)));
  return GENERATORS.filter((_, index) => here[index]);
}

/**
 * Looks whether a generator takes a request, before anything is asked of it.
 * @throws VitrineError INVALID_PARAMETER for what it cannot make
 */
export function checkScene(request: SceneRequest, access: Pick<GeneratorAccess, 'config'>): void {
  SCENE_GENERATORS[request.engine].settings(request, access);
}
