import { type SceneRequest, type SeedScore, replaceParams } from '../../contracts';
import { whenThereIsRoom } from '../when-there-is-room';
import type { GeneratorAccess, SceneGenerator } from './types';

const USUAL = replaceParams.parse({});
/** How far, in shares of the product, an object may reach beyond it before that is told. */
const GROWN = 0.25;

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
    const { seed, around } = request;
    // Its transparency is the mask.
    const product = around && { ...around, mask: around.file };
    const input = { ...inputOf(request, tools), seed, around: product };
    const made = await whenThereIsRoom(signal, () =>
      tools.pool.run('generate', input, {
        ...{ folder, signal },
        onProgress: ({ message, fraction }) => onProgress(message ?? 'drawing the scene', fraction),
      }),
    );
    const { file, model, scores } = made;
    const warnings = [...made.warnings, ...aboutGrowth(scores)];
    return { file, engine: 'sdxl', model, seed: made.seed, scores, warnings };
  },
};

/** What the best of several seeds still makes of the product's shape. */
function aboutGrowth(scores: SeedScore[] = []): string[] {
  const least = Math.min(...scores.map(({ expansion }) => expansion));
  if (!scores.length || least < GROWN) return [];
  return [
    `In the best of ${scores.length} scenes something grows out of the product, by ${Math.round(100 * least)} % of its area: look at the picture, choose another seed, or leave draw_around out.`,
  ];
}
