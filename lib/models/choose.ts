import { invalid, type Device } from '../contracts';
import { candidates, type RunDevice } from '../runtime';
import { needsAcknowledgement } from './licenses';
import { findModel, isAvailable, type Registry } from './registry';
import type { CutoutEntry, ModelEntry, NetworkEntry } from './schema';
import { devicesOf, entryFor } from './variants';

/** The network that `auto` downloads when a photo needs one and none is here. */
const DEFAULT_NETWORK = 'birefnet-lite';

/**
 * The entry for an id; for `auto` the network of lowest rank that is here, is permissively licensed and runs on the
 * device, otherwise `plain`.
 * @throws VitrineError UNKNOWN_MODEL; INVALID_PARAMETER for a model that does not make cutouts
 */
export function resolveModel(registry: Registry, id: string, device: Device): CutoutEntry {
  if (id !== 'auto') {
    const entry = findModel(registry, id);
    if (!isCutout(entry)) throw notForCutouts(registry, entry);
    return entry;
  }
  const best = registry.models
    .filter(isNetwork)
    .filter((entry) => !needsAcknowledgement(entry))
    .filter((entry) => device === 'auto' || devicesOf(entry).includes(device))
    .map((entry) => ({ entry, running: entryFor(registry, entry, firstDevice(entry, device)) }))
    .filter(
      ({ running }) => running.rank !== undefined && isAvailable(registry, { ...running, variants: [] }),
    )
    .sort((a, b) => a.running.rank! - b.running.rank!)
    .at(0);
  return best?.entry ?? (findModel(registry, 'plain') as CutoutEntry);
}

/** What `auto` may download when no network is here. */
export function defaultNetwork(registry: Registry): NetworkEntry | undefined {
  return registry.models.filter(isNetwork).find(({ id }) => id === DEFAULT_NETWORK);
}

/** The device that is tried first for a request. */
export function firstDevice(entry: NetworkEntry, device: Device): RunDevice {
  return candidates(device, false, devicesOf(entry))[0];
}

function isCutout(entry: ModelEntry): entry is CutoutEntry {
  return entry.task === 'cutout';
}

/** True for a cutout model that is a network. */
export function isNetwork(entry: ModelEntry): entry is NetworkEntry {
  return isCutout(entry) && 'files' in entry;
}

function notForCutouts({ models }: Registry, { id, task }: ModelEntry) {
  const cutters = ['auto', ...models.filter(isCutout).map((entry) => entry.id)].join(', ');
  return invalid(
    'model',
    `one that makes cutouts (${cutters})`,
    id,
    `${id} is for ${task.replaceAll('-', ' ')}: choose another model for cutouts.`,
  );
}
