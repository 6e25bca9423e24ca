import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GEMINI_URL, type SceneRequest } from '../../contracts';
import { generateWithGemini, geminiScene } from '../../providers';
import { hostsFor, keyOf } from './key';
import type { GeneratorAccess, SceneGenerator } from './types';

const sceneOf = (request: SceneRequest, { config }: Pick<GeneratorAccess, 'config'>) =>
  geminiScene({ ...request, model: request.model ?? config.geminiModel });

/** Gemini makes the scene, and never sees the product. */
export const gemini: SceneGenerator = {
  tries: 2,
  isHere: (tools) => keyOf('gemini_api_key', tools) !== undefined,
  settings: sceneOf,
  async generate(request, tools, { folder, signal, onProgress }) {
    const { geminiUrl: url, allowHosts } = tools.config;
    const scene = sceneOf(request, tools);
    onProgress(`Gemini: at work (${scene.model})`, 0.1);
    const access = {
      key: keyOf('gemini_api_key', tools)!,
      url,
      allowHosts: hostsFor(url, GEMINI_URL, allowHosts),
      signal,
    };
    const { picture, ...made } = await generateWithGemini(scene, access, request.model !== undefined);
    const file = join(folder, 'scene');
    await writeFile(file, picture);
    return { ...made, file, engine: 'gemini', seed: request.seed, shape: scene.settings.aspectRatio };
  },
};
