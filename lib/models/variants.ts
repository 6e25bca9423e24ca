import { existsSync } from 'node:fs';
import type { Graph, RunDevice } from '../runtime';
import { deriveForCpu } from './derive';
import { modelFiles, placeFile } from './files';
import type { Registry } from './registry';
import type { NetworkEntry } from './schema';

/** Devices that some file of the model is meant for. */
export function devicesOf({ devices, variants }: NetworkEntry): RunDevice[] {
  return [...new Set([...devices, ...variants.flatMap((variant) => variant.devices)])];
}

/** The model as this device runs it: its own variant where its files are here, or else the entry itself. */
export function entryFor(registry: Registry, entry: NetworkEntry, device: RunDevice): NetworkEntry {
  const fitting = variantsFor(registry, entry, device);
  const here = fitting.find(({ files }) =>
    files.every((file) => existsSync(placeFile(registry.modelsDir, entry, file).path)),
  );
  // Nothing here, and the entry's own files are not for this device: the best variant is what is missing.
  const chosen = here ?? (entry.devices.includes(device) ? undefined : fitting.at(0));
  return chosen ? asEntry(entry, chosen) : entry;
}

/**
 * What to download for a device, which is the variant made for it; but what is here already is good enough.
 */
export function entryToFetch(registry: Registry, entry: NetworkEntry, device: RunDevice): NetworkEntry {
  const ready = entryFor(registry, entry, device);
  const isHere = ready.files.every((file) => existsSync(placeFile(registry.modelsDir, entry, file).path));
  const best = variantsFor(registry, entry, device).at(0);
  return isHere || !best ? ready : asEntry(entry, best);
}

/** The variants that a device may take, best first. */
function variantsFor({ halfPrecision }: Registry, entry: NetworkEntry, device: RunDevice) {
  const fitting = entry.variants.filter(({ devices }) => devices.includes(device));
  if (halfPrecision) return fitting;
  const full = fitting.filter(({ precision }) => precision === 'fp32');
  const isServed = full.length > 0 || (entry.precision === 'fp32' && entry.devices.includes(device));
  return isServed ? full : fitting;
}

function asEntry(entry: NetworkEntry, chosen: NetworkEntry['variants'][number]): NetworkEntry {
  const { input = entry.input, output = entry.output, ...rest } = chosen;
  return { ...entry, ...rest, input, output, derive: false };
}

/**
 * What a device loads of a model: checked files, for the CPU a derived copy where the entry asks for one.
 * @throws VitrineError as `modelFiles` does
 */
export async function graphFor(registry: Registry, entry: NetworkEntry, device: RunDevice): Promise<Graph> {
  const chosen = entryFor(registry, entry, device);
  const [modelFile] = await modelFiles(registry, chosen);
  const { optimisation, derive, output, files } = chosen;
  if (device !== 'cpu' || !derive) return { modelFile, optimisation };
  const { file, warnings } = await deriveForCpu(modelFile, output.tensor, files[0].sha256);
  return { modelFile: file, optimisation, warnings };
}
