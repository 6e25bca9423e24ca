import type { SceneRequest, Tasks } from '../contracts';
import { loadPresets } from '../backdrops';
import { resolveModel } from '../models';
import { refuseLacking, requestOf } from './plan-scenes';
import { checkCombination } from './replace';
import type { Resources } from './resources';
import { scenesOf } from './scenes';

/** Pixels of a side that neither the job nor, yet, its photo says. */
const USUAL_SIDE = 1024;

/**
 * Looks at what can be known of a replacement without its photo.
 * @param input.given names of the files that it brings
 * @returns as `planScenes` does, for a frame that is a guess where the job does not say it
 * @throws VitrineError INVALID_PARAMETER for presets, marketplaces and backdrops that are not there and for what does not
 *   go together; UNKNOWN_MODEL; NO_GENERATOR
 */
export async function checkReplacement(
  { config, networks }: Resources,
  { params, given, generators }: Tasks['check-replace']['input'],
): Promise<(SceneRequest | null)[]> {
  checkCombination(params);
  const picture = given.includes('backdrop');
  const presets = await loadPresets(config.modelsDir);
  const scenes = await scenesOf(presets, { params, picture, config, generators });
  refuseLacking(scenes);
  // With a mask no model runs.
  if (!given.includes('mask')) resolveModel(await networks.registry(), params.model, config.device);
  const { width = USUAL_SIDE, height = USUAL_SIDE } = params;
  return scenes.map((scene) => requestOf(scene, { width, height }, params));
}
