import type { SeedScore } from './generate';
import type { Generator } from './look';

/** Models of Runway's that make a picture from a prompt alone, the usual one first. */
export const RUNWAY_SCENE_MODELS = [
  'gen4_image',
  'gemini_image3.1_flash',
  'gemini_image3_pro',
  'gemini_2.5_flash',
  'gpt_image_2',
] as const;

/**
 * The models that may answer with words to pictures, the cheaper kind first, in the order in which Gemini lists them.
 * @param answer of `GET /v1beta/models`, whatever it is
 */
export function geminiVisionModels(answer: unknown): string[] {
  const other = /image|banana|tts|audio|live|embedding|robotics|computer-use/;
  const written = geminiModels(answer).filter((id) => id.startsWith('gemini-') && !other.test(id));
  return [...written.filter((id) => id.includes('flash')), ...written.filter((id) => !id.includes('flash'))];
}

/**
 * The models that may answer with pictures, in the order in which Gemini lists them.
 * @param answer of `GET /v1beta/models`, whatever it is
 */
export function geminiPictureModels(answer: unknown): string[] {
  return geminiModels(answer).filter((id) => /image|banana/.test(id));
}

function geminiModels(answer: unknown): string[] {
  const { models } = (answer ?? {}) as { models?: unknown };
  const listed = (Array.isArray(models) ? models : []) as (Record<string, unknown> | null)[];
  return listed.flatMap((entry) => {
    const id = String(entry?.name ?? '').replace(/^models\//, '');
    const methods = entry?.supportedGenerationMethods;
    const answers = !Array.isArray(methods) || methods.includes('generateContent');
    return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(id) && answers ? [id] : [];
  });
}

/** A scene that a generator is to make for one picture of a replacement. */
export interface SceneRequest {
  engine: Generator;
  /** What it shall show, and where camera, floor and light are. */
  prompt: string;
  negativePrompt: string;
  seed: number;
  steps: number;
  guidanceScale: number;
  /** A model of the engine; left out: the one that the engine is set to. */
  model?: string;
  /** Pixels of the frame that it will cover; what a generator makes comes as near to its shape as it can. */
  width: number;
  height: number;
  /** Only where the scene is to be drawn around the product. */
  around?: ProductInFrame;
}

/** What a service elsewhere needs to know of a scene, its model settled. */
export type ServiceSceneRequest = Pick<
  SceneRequest,
  'prompt' | 'negativePrompt' | 'seed' | 'width' | 'height'
> & {
  model: string;
};

/** A product that a scene is drawn around. */
export interface ProductInFrame {
  /** A PNG of the frame's size: the product where it will lie, on transparency. */
  file: string;
  /** Seeds that are tried, from the one that was asked for on. */
  tries: number;
}

/** What a service asked for. */
export interface SceneCost {
  credits: number;
}

/** A scene that was generated. */
export interface GeneratedScene {
  /** Path of the encoded picture. */
  file: string;
  engine: Generator;
  /** The model that really made it. */
  model: string;
  /** The one that it came from in the end. */
  seed: number;
  /** An earlier job had made it. */
  cached: boolean;
  /** What this job paid for it, and for those before it that were thrown away. */
  cost?: SceneCost;
  /** Only where several seeds were tried around the product. */
  scores?: SeedScore[];
  /** What the reader should know. */
  warnings: string[];
}

/** What a generated scene shows, before a product stands in it. */
export interface SceneLook {
  /** Pixels. */
  width: number;
  height: number;
  /** Share of the picture that a product of its own takes in its middle; 0: there is none. */
  occupied: number;
}

/** What a result says of a generated scene. */
export interface SceneView extends Pick<GeneratedScene, 'model' | 'cached' | 'cost' | 'scores'> {
  /** Only where it was drawn around the product. */
  drawn_around?: true;
  /** Where its floor was seen to begin, 0 (top) to 1 (bottom) of the picture; null where that cannot be told. */
  horizon: number | null;
  /** Which side its light was seen to come from; null where that cannot be told. */
  light: 'left' | 'right' | null;
}
