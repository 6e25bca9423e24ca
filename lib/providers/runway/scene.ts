import { RUNWAY_SCENE_MODELS, type ServiceSceneRequest, invalid } from '../../contracts';
import { nearestShape } from '../shapes';
import { RUNWAY_MODELS, type RunwayModel } from './models';

/** The body of `POST /v1/text_to_image`; the same asks for the same scene. */
export interface RunwayScene {
  model: string;
  promptText: string;
  /** Pixels, such as `1280:720`. */
  ratio: string;
  seed?: number;
}

/**
 * Runway's nearest to a scene that is wished for: it takes no negative prompt, which is told in words as long as there
 * is room for them, and has sizes of its own.
 * @throws VitrineError INVALID_PARAMETER for an unknown model, an empty prompt and one that is too long
 */
export function runwayScene({
  model,
  prompt,
  negativePrompt,
  seed,
  width,
  height,
}: ServiceSceneRequest): RunwayScene {
  const known = RUNWAY_SCENE_MODELS.find((id) => id === model);
  if (!known) {
    const hint = 'Others need pictures of their own, or make none.';
    throw invalid("Runway's model", `one of ${RUNWAY_SCENE_MODELS.join(', ')}`, model, hint);
  }
  const { shapes, maxPrompt = Infinity, takesSeed }: RunwayModel = RUNWAY_MODELS[known];
  const text = prompt.trim();
  if (!text || text.length > maxPrompt) {
    throw invalid(
      'prompt',
      `a text of at most ${maxPrompt} characters (UTF-16) for Runway's ${model}`,
      text ? `${text.length} characters` : undefined,
      'Say the scene in fewer words.',
    );
  }
  const avoid = negativePrompt.trim() && ` Without: ${negativePrompt.trim()}.`;
  return {
    model,
    promptText: text.length + avoid.length <= maxPrompt ? text + avoid : text,
    ratio: nearestShape({ width, height }, shapes),
    ...(takesSeed && { seed }),
  };
}
