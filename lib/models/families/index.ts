import { flux2 } from './flux2';
import { saliency } from './saliency';
import { stableDiffusion } from './stable-diffusion';
import type { Family } from './types';

/** Families of networks by the name that registry entries give. */
export const FAMILIES = { saliency, 'stable-diffusion': stableDiffusion, flux2 } satisfies Record<
  string,
  Family
>;

export type FamilyName = keyof typeof FAMILIES;

/** The row of an entry. */
export function familyOf({ family }: { family: FamilyName }): Family {
  return FAMILIES[family];
}

export type { DiffusionNetwork, Latents, Planes, Prompt, Schedule } from './diffusion';
export { rolesOf, type MatteNetwork, type TaskNetworks } from './types';
