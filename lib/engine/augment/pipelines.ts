import { type AugmentParams, invalid, nearest } from '../../contracts';
import type { WorkerPool } from '../workers';

/** What tells a pipeline from what it was before, by its name. */
export type Digests = ReadonlyMap<string, string>;

/**
 * The pipelines that there are, by their names.
 * @throws VitrineError INVALID_PARAMETER where one is asked for that is none of them, or where they cannot be read
 */
export async function digestsOf(
  pool: WorkerPool,
  { syn_pipeline, real_pipeline }: Pick<AugmentParams, 'syn_pipeline' | 'real_pipeline'>,
): Promise<Digests> {
  const digests = new Map((await pool.ask('pipelines', {})).map(({ name, digest }) => [name, digest]));
  for (const [field, names] of Object.entries({ syn_pipeline, real_pipeline })) {
    const unknown = names.find((name) => !digests.has(name));
    if (unknown === undefined) continue;
    const all = [...digests.keys()];
    const hint = `Did you mean ${nearest(unknown, all).join(' or ')}?`;
    throw invalid(field, `one of ${all.join(', ')}`, unknown, hint);
  }
  return digests;
}
