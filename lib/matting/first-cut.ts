import { VitrineError } from '../contracts';
import {
  defaultNetwork,
  entryToFetch,
  firstDevice,
  pullIfReachable,
  type DownloadSettings,
  type NetworkEntry,
  type Registry,
} from '../models';
import type { CutOptions, Cutout } from './cutout';

/** What the built-in cutter says of photos that are beyond it. */
const BEYOND_PLAIN = ['CLUTTERED_BACKGROUND', 'NO_SUBJECT'];

interface Ways {
  plain(): Promise<Cutout>;
  network(entry: NetworkEntry): Promise<Cutout>;
}

/**
 * `auto` where no network is on the machine. A packshot goes through the built-in cutter, which needs no network and
 * says itself when a photo is beyond it; only such a photo is worth a download of 180 MB. On a device other than the
 * CPU the network comes first, because somebody chose that device. Where the download cannot be had, the built-in
 * cutter's answer stands.
 */
export async function cutWithoutNetwork(
  registry: Registry,
  settings: DownloadSettings | undefined,
  { device, signal, onDownload }: CutOptions,
  ways: Ways,
): Promise<Cutout> {
  const entry = defaultNetwork(registry);
  if (!entry || !settings) return ways.plain();
  const fetchNetwork = () =>
    pullIfReachable(registry, entryToFetch(registry, entry, firstDevice(entry, device)), {
      settings,
      signal,
      onProgress: onDownload,
    });

  if (device === 'auto' || device === 'cpu') {
    const cut = await ways.plain().catch(beyondPlain);
    if (!(cut instanceof VitrineError)) return cut;
    const failure = await fetchNetwork().then(() => undefined, notHad);
    if (failure) throw withReason(cut, entry, failure);
    return ways.network(entry);
  }
  const failure = await fetchNetwork().then(() => undefined, notHad);
  if (!failure) return ways.network(entry);
  const cut = await ways.plain();
  return {
    ...cut,
    warnings: [`${failure.message}. Used the model plain instead. ${failure.hint}`, ...cut.warnings],
  };
}

function beyondPlain(error: unknown): VitrineError {
  if (error instanceof VitrineError && BEYOND_PLAIN.includes(error.code)) return error;
  throw error;
}

/** The download is not to be had: anything but an abort or a defect. */
function notHad(error: unknown): VitrineError {
  const codes = ['DOWNLOAD_FAILED', 'MODEL_MISSING', 'INVALID_MODEL', 'DISK_FULL'];
  if (error instanceof VitrineError && codes.includes(error.code)) return error;
  throw error;
}

/** The photo's own problem, and why no network could take over. */
function withReason(
  { code, message, hint }: VitrineError,
  { id }: NetworkEntry,
  failure: VitrineError,
): VitrineError {
  return new VitrineError(
    {
      code,
      message,
      hint: `${hint} The network ${id} would take it, but is not here: ${failure.message}. ${failure.hint}`,
    },
    { cause: failure },
  );
}
