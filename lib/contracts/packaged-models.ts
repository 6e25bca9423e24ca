import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ListedModel, type ModelSummary, isPackaged, summaryOf } from './models';

/** The weights that ship with the pack, beside its registry. */
export const packagedModelsDir = join(__dirname, '..', '..', 'models');

/** The registry that ships with the pack, beside the sources as in dist; lib/models has its schema. */
export const packagedRegistryFile = join(packagedModelsDir, 'registry.json');

/**
 * The shipped models, for a picker with no engine to ask. Loads nothing native; only what comes with the pack counts
 * as available, because where the engine keeps its files is not known here.
 */
export function packagedModels(): ModelSummary[] {
  const { models } = JSON.parse(readFileSync(packagedRegistryFile, 'utf8')) as { models: ListedModel[] };
  return models.map((model) => summaryOf(model, isPackaged(model)));
}
