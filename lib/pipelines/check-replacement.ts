import type { Tasks } from '../contracts';
import { loadPresets } from '../backdrops';
import { resolveModel } from '../models';
import { checkCombination } from './replace';
import type { Resources } from './resources';
import { scenesOf } from './scenes';

/**
 * Looks at what can be known of a replacement without its photo.
 * @param input.given names of the files that it brings
 * @throws VitrineError INVALID_PARAMETER for presets, marketplaces and backdrops that are not there and for what does not
 *   go together; UNKNOWN_MODEL
 */
export async function checkReplacement(
  { config, networks }: Resources,
  { params, given }: Tasks['check-replace']['input'],
): Promise<null> {
  checkCombination(params);
  await scenesOf(await loadPresets(config.modelsDir), {
    params,
    picture: given.includes('backdrop'),
    config,
    // What cannot be generated is refused where the frame is known.
    generators: [],
  });
  // With a mask no model runs.
  if (!given.includes('mask')) resolveModel(await networks.registry(), params.model, config.device);
  return null;
}
