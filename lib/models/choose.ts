import type { Device } from '../contracts';
import { findModel, isAvailable, type Registry } from './registry';
import type { ModelEntry, NetworkEntry } from './schema';

/** Licences that allow any use of the pictures made: the only ones `auto` takes. */
const PERMISSIVE = [
  'MIT',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'CC0-1.0',
  'CC-BY-4.0',
  'Unlicense',
];

/**
 * The entry for an id; for `auto` the network of lowest rank that is here, is permissively licensed and runs on the
 * device, otherwise `plain`.
 * @throws VitrineError UNKNOWN_MODEL
 */
export function resolveModel(registry: Registry, id: string, device: Device): ModelEntry {
  if (id !== 'auto') return findModel(registry, id);
  const best = registry.models
    .filter(
      (entry): entry is NetworkEntry =>
        entry.family !== 'plain' && suits(entry, device) && isAvailable(registry, entry),
    )
    .sort((a, b) => a.rank! - b.rank!)
    .at(0);
  return best ?? findModel(registry, 'plain');
}

function suits({ rank, license, gated, devices }: NetworkEntry, device: Device): boolean {
  if (rank === undefined || gated || !PERMISSIVE.includes(license)) return false;
  return device === 'auto' || devices.includes(device);
}
