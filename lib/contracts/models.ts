import type { Device } from './remove';

/** What models are for; each model family in lib/models/families does one of these. */
export type ModelTask = 'cutout' | 'diffusion' | 'tracking' | 'detection';

/** How a picker orders models: the best cutouts, quick ones, and those with a purpose or a licence of their own. */
export const MODEL_GROUPS = ['best', 'quick', 'special'] as const;
export type ModelGroup = (typeof MODEL_GROUPS)[number];

/** What a picker shows of a model; the registry entry without file lists and tensor details. */
export interface ModelSummary {
  /** Promised id, e.g. `plain`. */
  id: string;
  /** Name for people. */
  name: string;
  task: ModelTask;
  group: ModelGroup;
  /** SPDX id or a short name. */
  license: string;
  /** Must be acknowledged before it can be downloaded. */
  gated: boolean;
  /** Comes with the package, so that there is nothing to download. */
  packaged: boolean;
  /** Of its files, rounded where the source tells no exact size; 0 where it has none or nobody knows. */
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

/** The fields of a registry entry that a summary is made of. */
export interface ListedModel extends Omit<
  ModelSummary,
  'group' | 'gated' | 'packaged' | 'bytes' | 'available'
> {
  group?: ModelGroup;
  gated?: boolean;
  files?: { bytes?: number; aboutBytes?: number; sources?: string[] }[];
}

/** Whether a model comes with the package: a cutter without files, or one whose files are all in it. */
export function isPackaged({ files = [] }: ListedModel): boolean {
  return files.every(({ sources = [] }) => sources.some((source) => source.startsWith('package:')));
}

/** Bytes of all files of a model, as far as its entry tells; 0 without files. */
export function listedBytes({ files = [] }: Pick<ListedModel, 'files'>): number {
  return files.reduce((sum, { bytes, aboutBytes }) => sum + (bytes ?? aboutBytes ?? 0), 0);
}

/** @param available its files are on this machine */
export function summaryOf(model: ListedModel, available: boolean): ModelSummary {
  const { id, name, task, group = 'special', license, gated = false, description } = model;
  return {
    id,
    name,
    task,
    group,
    license,
    gated,
    packaged: isPackaged(model),
    bytes: listedBytes(model),
    available,
    description,
  };
}
