import type { Session } from '../../runtime';
import { saliency } from './saliency';
import type { AdapterFactory, MatteAdapter, NetworkSpec } from './types';

/** Families of networks and the one file that knows how to run each. */
const ADAPTERS = { saliency } satisfies Record<string, AdapterFactory>;

export type Family = keyof typeof ADAPTERS;

export const FAMILIES = Object.keys(ADAPTERS) as Family[];

/**
 * Ties a registry entry to the graph it describes.
 * @throws VitrineError INVALID_MODEL when the graph's inputs or outputs do not fit the entry
 */
export function adapt(entry: NetworkSpec & { family: Family }, session: Session): MatteAdapter {
  return ADAPTERS[entry.family](entry, session);
}

export type { MatteAdapter } from './types';
