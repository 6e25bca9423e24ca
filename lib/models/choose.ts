import { listedBytes, type Device } from '../contracts';
import { memoryLimitMb } from '../runtime';
import { needsAcknowledgement } from './licenses';
import { findForTask, type Registry } from './registry';
import type { CutoutEntry, NetworkEntry } from './schema';
import { isHere } from './shelf';
import { devicesOf, entryFor, entryToFetch, firstDevice } from './variants';

/** The network worth a download where the one that comes with the package is not enough. */
const BETTER_NETWORK = 'birefnet-lite';
/** Share of the memory that a network may take: there are pictures in it too. */
const MEMORY_SHARE = 0.75;
/** What a run takes, times the files' size, where its entry does not tell. */
const RUNNING = 2;

type CutoutNetwork = NetworkEntry & { task: 'cutout' };

/**
 * The entry for an id; for `auto` the network of lowest rank that is here, is permissively licensed and runs on the
 * device and in its memory: at least the one that comes with the package.
 * @param memoryMb what this process may take
 * @throws VitrineError UNKNOWN_MODEL; INVALID_PARAMETER for a model that does not make cutouts
 */
export function resolveModel(
  registry: Registry,
  id: string,
  device: Device,
  memoryMb = memoryLimitMb(),
): CutoutEntry {
  if (id !== 'auto') return findForTask(registry, id, 'cutout');
  const best = cutoutNetworks(registry)
    .filter((entry) => !needsAcknowledgement(entry))
    .filter((entry) => device === 'auto' || devicesOf(entry).includes(device))
    .map((entry) => ({ entry, running: entryFor(registry, entry, firstDevice(entry, device)) }))
    .filter(({ running }) => running.rank !== undefined && isHere(registry, running))
    .filter(({ running }) => fits(running, device, memoryMb))
    .sort((a, b) => a.running.rank! - b.running.rank!)
    .at(0);
  return best?.entry ?? findForTask(registry, 'plain', 'cutout');
}

/**
 * A network that cuts better than the one that `auto` took, would fit this machine and is not here; where there is one.
 * @param taken as its device runs it
 * @param memoryMb what this process may take
 * @returns the entry with the files that a download would bring
 */
export function betterNetwork(
  registry: Registry,
  taken: Pick<NetworkEntry, 'rank'>,
  device: Device,
  memoryMb = memoryLimitMb(),
): NetworkEntry | undefined {
  const entry = cutoutNetworks(registry).find(({ id }) => id === BETTER_NETWORK);
  if (!entry) return undefined;
  const wanted = entryToFetch(registry, entry, firstDevice(entry, device));
  if (wanted.rank === undefined || taken.rank === undefined || taken.rank <= wanted.rank) return undefined;
  return !isHere(registry, wanted) && fits(wanted, device, memoryMb) ? wanted : undefined;
}

/** Whether a network's run fits into memory; a card has its own. */
function fits(entry: NetworkEntry, device: Device, memoryMb: number): boolean {
  return firstDevice(entry, device) !== 'cpu' || fitsMemory(entry, memoryMb);
}

/** Whether a network's run on the CPU leaves room in this memory for pictures. */
export function fitsMemory(entry: NetworkEntry, memoryMb: number): boolean {
  return (entry.cpuMemoryMb ?? (RUNNING * listedBytes(entry)) / 1e6) <= MEMORY_SHARE * memoryMb;
}

function cutoutNetworks({ models }: Registry): CutoutNetwork[] {
  return models.filter((entry): entry is CutoutNetwork => entry.task === 'cutout' && 'files' in entry);
}
