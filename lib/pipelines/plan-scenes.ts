import { join } from 'node:path';
import {
  type Generator,
  type JobContext,
  type ReplaceParams,
  type SceneRequest,
  type Tasks,
  VitrineError,
  isGenerator,
  replaceParams,
} from '../contracts';
import { type Size, frameOf, loadPresets, staging } from '../backdrops';
import { decodeImage } from '../image';
import { layOut } from './lay-out';
import { cutProduct, replacementOf } from './product';
import type { Resources } from './resources';
import { type Scene, scenesOf } from './scenes';
import { Stopwatch } from './stopwatch';

/** A side, in pixels, that a generator draws no more than unless ALLOW_4K says so. */
const MOST_GENERATED = 4096;
/** Characters (UTF-16) within which a prompt is told where camera, floor and light are; services take no more than 1000. */
const STAGED = 800;
const USUAL_NEGATIVE = replaceParams.parse({}).negative_prompt;

/**
 * Looks which scenes of a replacement have to be generated, before anything is paid for.
 * @returns for each picture what to ask its generator for; null where it is drawn
 * @throws VitrineError what decoding, the presets and the parameters can say; NO_GENERATOR, TOO_LARGE
 */
export async function planScenes(
  resources: Resources,
  { file, mask, backdrop, params, generators }: Tasks['scenes']['input'],
  context: JobContext,
): Promise<(SceneRequest | null)[]> {
  const { config, budget } = resources;
  const { signal, tempDir } = context;
  const presets = await loadPresets(config.modelsDir);
  const scenes = await scenesOf(presets, { params, picture: backdrop, config, generators });
  if (!scenes.some(({ engine }) => isGenerator(engine))) return scenes.map(() => null);
  return budget.use(signal, async (use) => {
    const measured = (photo: Size) => {
      use(photo.width * photo.height);
      refuseGenerated(scenes, frameOf(photo, params), config);
    };
    const { limits } = config;
    if (!scenes.some(({ around }) => around)) {
      const { rgb } = await decodeImage(file, { limits, signal });
      measured(rgb);
      return scenes.map((scene) => requestOf(scene, frameOf(rgb, params), params));
    }
    const watch = new Stopwatch();
    const product = await cutProduct(resources, file, replacementOf(params, mask), {
      ...{ ...context, watch, measured },
    });
    const requests: (SceneRequest | null)[] = [];
    for (const [index, scene] of scenes.entries()) {
      const request = requestOf(scene, frameOf(product.photo.rgb, params), params);
      const target = { file: join(tempDir, `product-${index + 1}.png`), params, limits, signal };
      const around = request && scene.around && (await layOut(product, scene, target));
      requests.push(around ? { ...request, ...around } : request);
    }
    return requests;
  });
}

/**
 * Refuses scenes that cannot or may not be generated.
 * @throws VitrineError TOO_LARGE for more than 4096 pixels a side without ALLOW_4K; NO_GENERATOR
 */
export function refuseGenerated(scenes: Scene[], frame: Size, { allow4k }: { allow4k: boolean }): void {
  if (!scenes.some(({ engine }) => isGenerator(engine))) return;
  if (Math.max(frame.width, frame.height) > MOST_GENERATED && !allow4k) throw above4k(frame);
  refuseLacking(scenes);
}

/** @throws VitrineError NO_GENERATOR for a scene that nothing here can generate */
export function refuseLacking(scenes: Scene[]): void {
  const lacking = scenes.find((scene) => scene.lacking)?.lacking;
  if (lacking) throw noGenerator(lacking);
}

/** What to ask a scene's generator for; null where the scene is drawn. */
export function requestOf(
  { engine, look, around }: Scene,
  frame: Size,
  params: ReplaceParams,
): SceneRequest | null {
  if (!isGenerator(engine)) return null;
  const { negative_prompt, seed = 0, steps, guidance_scale: guidanceScale, generator_model: model } = params;
  const [prompt, stage] = [look.prompt.trim().replace(/[.\s]+$/, ''), staging(look, around)];
  const told = `${prompt}. ${stage}`;
  return {
    engine,
    prompt: told.length <= STAGED ? told : prompt,
    // A preset's own counts where the job leaves it at the usual one.
    negativePrompt: negative_prompt === USUAL_NEGATIVE ? look.negative_prompt : negative_prompt,
    ...{ seed, steps, guidanceScale, model },
    ...frame,
  };
}

function above4k({ width, height }: Size): VitrineError {
  return new VitrineError({
    code: 'TOO_LARGE',
    message: `A scene of ${width} x ${height} pixels is above the ${MOST_GENERATED} a side that are generated`,
    hint: 'Send a smaller photo, set width and height, or start the engine with ALLOW_4K=1.',
  });
}

/** How each generator comes to be here. */
const WAYS: Record<Generator, string> = {
  sdxl: 'a model on this machine (`vitrine models pull sdxl-base`, or the one that MODEL_ID or generator_model names)',
  runway: 'Runway with a key (secrets.runway_api_key, or RUNWAY_API_KEY of the engine)',
  gemini: 'Gemini with a key (secrets.gemini_api_key, or GEMINI_API_KEY of the engine)',
};

function noGenerator(asked: string): VitrineError {
  const ways = isGenerator(asked) ? WAYS[asked] : Object.values(WAYS).join(', ');
  return new VitrineError({
    code: 'NO_GENERATOR',
    message: `Nothing here can generate a scene, which ${asked} needs`,
    hint:
      'Leave the prompt out and choose a preset that is drawn, such as product-studio, marble or wood; set engine to ' +
      'studio, gradient or color; or send the scene itself as the picture backdrop. ' +
      `Scenes are generated by ${ways}.`,
  });
}
