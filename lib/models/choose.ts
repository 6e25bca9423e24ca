import type { Device } from '../contracts';
import { needsAcknowledgement } from './licenses';
import { findForTask, type Registry } from './registry';
import type { CutoutEntry, NetworkEntry } from './schema';
import { isHere } from './shelf';
import { devicesOf, entryFor, firstDevice } from './variants';

/** The network that `auto` downloads when a photo needs one and none is here. */
const DEFAULT_NETWORK = 'birefnet-lite';

/**
 * The entry for an id; for `auto` the network of lowest rank that is here, is permissively licensed and runs on the
 * device, otherwise `plain`.
 * @throws VitrineError UNKNOWN_MODEL; INVALID_PARAMETER for a model that does not make cutouts
 */
export function resolveModel(registry: Registry, id: string, device: Device): CutoutEntry {
  if (id !== 'auto') return findForTask(registry, id, 'cutout');
  const best = cutoutNetworks(registry)
    .filter((entry) => !needsAcknowledgement(entry))
    .filter((entry) => device === 'auto' || devicesOf(entry).includes(device))
    .map((entry) => ({ entry, running: entryFor(registry, entry, firstDevice(entry, device)) }))
    .filter(({ running }) => running.rank !== undefined && isHere(registry, running))
    .sort((a, b) => a.running.rank! - b.running.rank!)
    .at(0);
  return best?.entry ?? findForTask(registry, 'plain', 'cutout');
}

/** What `auto` may download when no network is here. */
export function defaultNetwork(registry: Registry): NetworkEntry | undefined {
  return cutoutNetworks(registry).find(({ id }) => id === DEFAULT_NETWORK);
}

function cutoutNetworks({ models }: Registry): NetworkEntry[] {
  return models.filter((entry): entry is NetworkEntry => entry.task === 'cutout' && 'files' in entry);
}
