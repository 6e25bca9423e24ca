import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { type PipelineSummary, invalid, nearest, packagedModelsDir, readYaml } from '../contracts';
import { type Step, stepSchema } from './steps';

const PACKAGED = join(packagedModelsDir, 'augmentations.yaml');
/** Name of the file in the models folder that adds the user's own. */
const LOCAL = 'augmentations.local.yaml';

/** What is seen where a picture was moved away from: its background, the picture itself, mirrored, or a colour. */
export const fillSchema = z.union([z.enum(['background', 'mirror']), z.string().regex(/^#[0-9a-f]{6}$/i)], {
  error: () => 'Expected background, mirror or a colour such as #f4f1ec',
});

const pipelineSchema = z.strictObject({
  description: z.string().default(''),
  fill: fillSchema.default('background'),
  steps: z.array(stepSchema).min(1),
});
const fileSchema = z.strictObject({
  pipelines: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/), pipelineSchema),
});

/** How pictures are varied: what may happen to them, in which order and how likely. */
export interface Pipeline extends z.output<typeof pipelineSchema> {
  name: string;
  steps: Step[];
  /** Changes whenever anything above does but the description: other pictures come of it. */
  digest: string;
}

/** Pipelines by their names. */
export type Pipelines = ReadonlyMap<string, Pipeline>;

/**
 * Reads the packaged pipelines and, where there is one, `augmentations.local.yaml` in the models folder; of two of one
 * name the user's own counts.
 * @throws VitrineError INVALID_PARAMETER naming the file and what is wrong in it
 */
export async function loadPipelines(modelsDir: string): Promise<Pipelines> {
  const local = join(modelsDir, LOCAL);
  const { pipelines: packaged } = await readYaml(PACKAGED, fileSchema);
  const { pipelines: own } = existsSync(local) ? await readYaml(local, fileSchema) : { pipelines: {} };
  const all = { ...packaged, ...own };
  return new Map(
    Object.entries(all).map(([name, pipeline]) => [name, { ...pipeline, name, digest: digestOf(pipeline) }]),
  );
}

/** @throws VitrineError as `loadPipelines` */
export async function pipelineSummaries(modelsDir: string): Promise<PipelineSummary[]> {
  const pipelines = await loadPipelines(modelsDir);
  return [...pipelines.values()].map(({ name, description, digest }) => ({ name, description, digest }));
}

/** @throws VitrineError INVALID_PARAMETER that names those most like it */
export function findPipeline(pipelines: Pipelines, name: string): Pipeline {
  const found = pipelines.get(name);
  if (found) return found;
  const names = [...pipelines.keys()];
  const hint = `Did you mean ${nearest(name, names).join(' or ')}?`;
  throw invalid('pipeline', `one of ${names.join(', ')}`, name, hint);
}

function digestOf({ fill, steps }: z.output<typeof pipelineSchema>): string {
  return createHash('sha256').update(JSON.stringify({ fill, steps })).digest('hex').slice(0, 16);
}
