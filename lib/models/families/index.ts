import { flux2 } from './flux2';
import { groundingDino } from './grounding-dino';
import { saliency } from './saliency';
import { sam2 } from './sam2';
import { stableDiffusion } from './stable-diffusion';
import type { Family } from './types';

/** Families of networks by the name that registry entries give. */
export const FAMILIES = {
  saliency,
  'stable-diffusion': stableDiffusion,
  flux2,
  sam2,
  'grounding-dino': groundingDino,
} satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

/** The row of an entry. */
export function familyOf({ family }: { family: FamilyName }): Family {
  return FAMILIES[family];
}

export type { Detection, DetectionNetwork } from './detection';
export type { DiffusionNetwork, Latents, Planes, Prompt, Schedule } from './diffusion';
export type {
  DecodedMask,
  FrameFeatures,
  FrameMemory,
  MemoryBank,
  PromptPoint,
  TrackingNetwork,
  Values,
} from './tracking';
export { rolesOf, type MatteNetwork, type TaskNetworks } from './types';
