import { join } from 'node:path';
import { RUNWAY_URL, type SceneRequest } from '../../contracts';
import { generateWithRunway, runwayScene } from '../../providers';
import { hostsFor, keyOf } from './key';
import type { GeneratorAccess, SceneGenerator } from './types';

const sceneOf = (request: SceneRequest, { config }: Pick<GeneratorAccess, 'config'>) =>
  runwayScene({ ...request, model: request.model ?? config.runwayModel });

/** Runway makes the scene, and never sees the product. */
export const runway: SceneGenerator = {
  tries: 2,
  isHere: (tools) => keyOf('runway_api_key', tools) !== undefined,
  settings: sceneOf,
  async generate(request, tools, { folder, signal, onProgress }) {
    const { config, onDefect } = tools;
    const file = join(folder, 'scene');
    const scene = sceneOf(request, tools);
    const made = await generateWithRunway(scene, {
      key: keyOf('runway_api_key', tools)!,
      url: config.runwayUrl,
      allowHosts: hostsFor(config.runwayUrl, RUNWAY_URL, config.allowHosts),
      ...{ file, signal, onProgress, onDefect },
    });
    return { ...made, file, engine: 'runway', seed: request.seed, shape: scene.ratio, warnings: [] };
  },
};
