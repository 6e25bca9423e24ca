import { dirname } from 'node:path';
import type { Device } from '../contracts';
import { candidates, type Graph, type RunDevice } from '../runtime';
import { familyOf } from './families';
import type { Family } from './families/types';
import { modelFiles, placeFiles } from './files';
import { derive } from './onnx';
import type { Registry } from './registry';
import type { NetworkEntry } from './schema';
import { isHere } from './shelf';

/** Devices that some file of the model is meant for. */
export function devicesOf({ devices, variants }: NetworkEntry): RunDevice[] {
  return [...new Set([...devices, ...variants.flatMap((variant) => variant.devices)])];
}

/** The device that is tried first for a request. */
export function firstDevice(entry: NetworkEntry, device: Device): RunDevice {
  return candidates(device, false, devicesOf(entry))[0];
}

/** The model as this device runs it: its own variant where its files are here, or else the entry itself. */
export function entryFor(registry: Registry, entry: NetworkEntry, device: RunDevice): NetworkEntry {
  const [here] = entriesHere(registry, entry, device);
  if (here || entry.devices.includes(device)) return here ?? entry;
  // Nothing here, and the entry's own files are not for this device: the best variant is what is missing.
  return entriesFor(registry, entry, device).at(0) ?? entry;
}

/**
 * What to download for a device, which is the variant made for it; but what is here already is good enough.
 */
export function entryToFetch(registry: Registry, entry: NetworkEntry, device: RunDevice): NetworkEntry {
  const ready = entryFor(registry, entry, device);
  return isHere(registry, ready) ? ready : (entriesFor(registry, entry, device).at(0) ?? ready);
}

/** As a device may run the model with files that are here, best first. */
export function entriesHere(registry: Registry, entry: NetworkEntry, device: RunDevice): NetworkEntry[] {
  return entriesFor(registry, entry, device).filter((each) => isHere(registry, each));
}

/** As a device may run the model, best first: by its variants, then by its own files. */
function entriesFor({ halfPrecision }: Registry, entry: NetworkEntry, device: RunDevice): NetworkEntry[] {
  const all = [...entry.variants, entry]
    .filter(({ devices }) => devices.includes(device))
    // What a variant says is of its entry's family.
    .map((each) => ({ ...entry, ...each, variants: [] }) as NetworkEntry);
  const full = all.filter(({ precision }) => precision === 'fp32');
  return halfPrecision || !full.length ? all : full;
}

/**
 * What a device loads of a model, by role: checked files, or a copy made of one where its family has it so.
 * @throws VitrineError as `modelFiles` does
 */
export async function graphsFor(
  registry: Registry,
  entry: NetworkEntry,
  device: RunDevice,
): Promise<Record<string, Graph>> {
  const chosen = entryFor(registry, entry, device);
  const paths = await modelFiles(registry, chosen);
  const { files, optimisation } = chosen;
  const { texts = [] }: Family = familyOf(chosen);
  const beside = paths.filter((_, i) => files[i].role === undefined);
  const graphs: Record<string, Graph> = {};
  for (const [i, { role, sha256 }] of files.entries()) {
    if (role === undefined || texts.includes(role)) continue;
    const modelFile = paths[i];
    const weightFiles = beside.filter((path) => dirname(path) === dirname(modelFile));
    const change = familyOf(chosen).change?.(chosen, role, device);
    if (!change) graphs[role] = { modelFile, weightFiles, optimisation };
    else {
      const { file, warnings } = await derive(modelFile, change, sha256);
      graphs[role] = { modelFile: file, weightFiles, optimisation, warnings };
    }
  }
  return graphs;
}

/** Paths of the files that a model's family reads, by role; `graphsFor` has checked them. */
export function textsFor(registry: Registry, entry: NetworkEntry): Record<string, string> {
  const { texts = [] }: Family = familyOf(entry);
  const read = placeFiles(registry, entry).filter(({ role }) => role !== undefined && texts.includes(role));
  return Object.fromEntries(read.map(({ role, path }) => [role, path]));
}
