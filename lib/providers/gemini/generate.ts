import type { ServiceSceneRequest } from '../../contracts';
import { nearestShape } from '../shapes';
import { type GeminiAccess, type PictureSettings, askForPicture, pictureModels } from './ask';
import { imageSize } from './edit';
import { isGone } from './errors';

/** Shapes that a scene can be asked for. */
const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];
/** Seeds are signed there. */
const MAX_SEED = 0x7fffffff;

/** What Gemini is asked for a scene; the same asks for the same one. */
export interface GeminiScene {
  model: string;
  prompt: string;
  settings: PictureSettings;
}

export interface GeminiSceneMade {
  /** Encoded, not yet looked at. */
  picture: Buffer;
  /** The model that really made it. */
  model: string;
  warnings: string[];
}

/** Gemini's nearest to a scene that is wished for: it takes no negative prompt and has shapes of its own. */
export function geminiScene({
  model,
  prompt,
  negativePrompt,
  seed,
  width,
  height,
}: ServiceSceneRequest): GeminiScene {
  const avoid = negativePrompt.trim();
  return {
    model,
    prompt: `Make one photograph. ${prompt}${avoid ? ` Show none of these: ${avoid}.` : ''}`,
    settings: {
      aspectRatio: nearestShape({ width, height }, RATIOS),
      imageSize: imageSize(Math.max(width, height)),
      seed: seed & MAX_SEED,
    },
  };
}

/**
 * Has Gemini make a scene.
 * @param named the job named the model: no other one is taken in its place
 * @throws VitrineError as `editPicture` does
 */
export async function generateWithGemini(
  scene: GeminiScene,
  access: GeminiAccess,
  named: boolean,
): Promise<GeminiSceneMade> {
  const { prompt, settings } = scene;
  const ask = (model: string) => askForPicture(access, model, [{ text: prompt }], settings);
  const warnings: string[] = [];
  let { model } = scene;
  let answer;
  try {
    answer = await ask(model);
  } catch (error) {
    // Models are shut down after a while: what the key has now takes over, unless the job asked for this very one.
    if (named || !isGone(error)) throw error;
    const others = (await pictureModels(access)).filter((id) => id !== model);
    // The cheaper kind, where there is one.
    const other = others.find((id) => id.includes('flash')) ?? others[0];
    if (!other) throw error;
    warnings.push(
      `Gemini has no model ${model} any more: ${other} made the scene. Set VITRINE_GEMINI_MODEL.`,
    );
    model = other;
    answer = await ask(model);
  }
  if (answer.refused.includes('aspectRatio'))
    warnings.push(`${model} takes no aspect ratio: its picture was cropped to the frame.`);
  return { picture: answer.picture, model, warnings };
}
