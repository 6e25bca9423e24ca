import { type SceneRequest, replaceParams } from '../../contracts';
import { whenThereIsRoom } from '../when-there-is-room';
import type { GeneratorAccess, SceneGenerator } from './types';

const USUAL = replaceParams.parse({});

/** What the worker's task takes; a job that says nothing of steps and guidance leaves them to the model. */
function inputOf(request: SceneRequest, { config }: Pick<GeneratorAccess, 'config'>) {
  const { prompt, negativePrompt, steps, guidanceScale, width, height, model = config.modelId } = request;
  return {
    ...{ prompt, negative_prompt: negativePrompt, width, height, model, device: config.device },
    ...(steps !== USUAL.steps && { steps }),
    ...(guidanceScale !== USUAL.guidance_scale && { guidance_scale: guidanceScale }),
  };
}

/** A diffusion model on this machine makes the scene; which one is MODEL_ID's to say. */
export const sdxl: SceneGenerator = {
  tries: 2,
  // Gigabytes are not fetched behind anybody's back.
  async isHere({ config, pool, params }) {
    const models = await pool.ask('models', {});
    const asked = [config.modelId, params.generator_model];
    return models.some(({ id, available }) => available && asked.includes(id));
  },
  settings: inputOf,
  async generate(request, tools, { folder, signal, onProgress }) {
    const { seed } = request;
    const input = { ...inputOf(request, tools), seed };
    const made = await whenThereIsRoom(signal, () =>
      tools.pool.run('generate', input, {
        ...{ folder, signal },
        onProgress: ({ message, fraction }) => onProgress(message ?? 'drawing the scene', fraction),
      }),
    );
    const { file, model, warnings } = made;
    return { file, engine: 'sdxl', model, seed: made.seed, warnings };
  },
};
