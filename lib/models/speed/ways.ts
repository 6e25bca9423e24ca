import type { Device } from '../../contracts';
import { candidates, deviceStates, type Host, type RunDevice } from '../../runtime';
import type { Registry } from '../registry';
import type { NetworkEntry } from '../schema';
import { devicesOf, entriesHere } from '../variants';

/** A way to run a network. */
export interface Way {
  device: RunDevice;
  /** With the files that the device then runs. */
  entry: NetworkEntry;
}

export interface WayRequest {
  device: Device;
  /** Only the first device that the request may mean. */
  strictDevice: boolean;
}

/**
 * The ways at hand, best first as far as registry and table of devices can tell: with files that are here, and where no
 * device was asked for, on every device that may be tried. None where one of these lacks something: opening the network
 * then tells of it, and falls back.
 */
export function waysFor(
  registry: Registry,
  entry: NetworkEntry,
  { device, strictDevice }: WayRequest,
  host?: Host,
): Way[] {
  const isOpen = device === 'auto' && !strictDevice;
  const devices = candidates(device, !isOpen, devicesOf(entry), host);
  const lacking = deviceStates(host).filter(({ missing }) => missing !== undefined);
  if (lacking.some((each) => devices.includes(each.device))) return [];
  return devices.flatMap((each) =>
    entriesHere(registry, entry, each).map((running) => ({ device: each, entry: running })),
  );
}
