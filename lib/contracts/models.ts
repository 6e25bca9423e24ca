import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Device } from './remove';

/** What models are for; each model family in lib/models/families does one of these. */
export type ModelTask = 'cutout';

/** What a picker shows of a model; the registry entry without file lists and tensor details. */
export interface ModelSummary {
  /** Promised id, e.g. `plain`. */
  id: string;
  /** Name for people. */
  name: string;
  task: ModelTask;
  /** SPDX id or a short name. */
  license: string;
  /** Must be acknowledged before it can be downloaded. */
  gated: boolean;
  /** Bytes to download, rounded where the source tells no exact size; 0 for built-in models. */
  bytes: number;
  /** Its files are on this machine. */
  available: boolean;
  /** One sentence: what it is good at. */
  description: string;
}

/** A network that a worker holds ready. */
export interface LoadedModel {
  model: string;
  device: Exclude<Device, 'auto'>;
}

/** The weights that ship with the pack, beside its registry. */
export const packagedModelsDir = join(__dirname, '..', '..', 'models');

/** The registry that ships with the pack, beside the sources as in dist; lib/models has its schema. */
export const packagedRegistryFile = join(packagedModelsDir, 'registry.json');

/** The fields of a registry entry that a summary is made of. */
interface ListedModel extends Omit<ModelSummary, 'gated' | 'bytes' | 'available'> {
  gated?: boolean;
  files?: { bytes?: number; aboutBytes?: number; sources?: string[] }[];
}

/**
 * The shipped models, for a picker with no engine to ask. Loads nothing native; only what comes with the pack counts
 * as available, because where the engine keeps its files is not known here.
 */
export function packagedModels(): ModelSummary[] {
  const { models } = JSON.parse(readFileSync(packagedRegistryFile, 'utf8')) as { models: ListedModel[] };
  return models.map((model) => summaryOf(model, comesWithPack(model)));
}

function comesWithPack({ files = [] }: ListedModel): boolean {
  return files.every(({ sources = [] }) => sources.some((source) => source.startsWith('package:')));
}

/** @param available its files are on this machine */
export function summaryOf(model: ListedModel, available: boolean): ModelSummary {
  const { id, name, task, license, gated = false, files = [], description } = model;
  const bytes = files.reduce((sum, file) => sum + (file.bytes ?? file.aboutBytes ?? 0), 0);
  return { id, name, task, license, gated, bytes, available, description };
}
