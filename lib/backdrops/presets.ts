import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';
import {
  type LookInput,
  type PresetSummary,
  invalid,
  lookSchema,
  nearest,
  packagedModelsDir,
  readYaml,
} from '../contracts';

const PACKAGED = join(packagedModelsDir, 'presets.yaml');
/** Name of the file in the models folder that adds the user's own. */
const LOCAL = 'presets.local.yaml';

const fileSchema = z.strictObject({
  presets: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/), lookSchema),
});

/** Looks by their names. */
export type Presets = ReadonlyMap<string, LookInput>;

/**
 * Reads the packaged presets and, where there is one, `presets.local.yaml` in the models folder; of two of one name the
 * user's own counts.
 * @throws VitrineError INVALID_PARAMETER naming the file and what is wrong in it
 */
export async function loadPresets(modelsDir: string): Promise<Presets> {
  const { packaged, own } = await readPresets(modelsDir);
  return new Map(Object.entries({ ...packaged, ...own }));
}

/**
 * What a picker shows of the presets that `loadPresets` reads.
 * @throws VitrineError as that does
 */
export async function presetSummaries(modelsDir: string): Promise<PresetSummary[]> {
  const { packaged, own } = await readPresets(modelsDir);
  return Object.entries({ ...packaged, ...own }).map(([name, { description = '', backdrop = 'studio' }]) => ({
    ...{ name, description, backdrop },
    own: Object.hasOwn(own, name),
  }));
}

type Looks = Record<string, LookInput>;

async function readPresets(modelsDir: string): Promise<{ packaged: Looks; own: Looks }> {
  const local = join(modelsDir, LOCAL);
  const [packaged, own] = await Promise.all([
    readYaml(PACKAGED, fileSchema),
    existsSync(local) ? readYaml(local, fileSchema) : { presets: {} },
  ]);
  return { packaged: packaged.presets, own: own.presets };
}

/** @throws VitrineError INVALID_PARAMETER that names those most like it */
export function findPreset(presets: Presets, name: string): LookInput {
  const found = presets.get(name);
  if (found) return found;
  const names = [...presets.keys()];
  throw invalid(
    'preset',
    `one of ${names.join(', ')}`,
    name,
    `Did you mean ${nearest(name, names).join(' or ')}?`,
  );
}
