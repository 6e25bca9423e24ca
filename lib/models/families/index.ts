import { saliency } from './saliency';
import type { Family } from './types';

/** Families of networks by the name that registry entries give. */
export const FAMILIES = { saliency } satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

/** The row of an entry. */
export function familyOf({ family }: { family: FamilyName }): Family {
  return FAMILIES[family];
}

export type { MatteNetwork, TaskNetworks } from './types';
