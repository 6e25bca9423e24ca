import { VitrineError } from '../contracts';
import { defaultNetwork, type DownloadRequest, type NetworkEntry, type Networks } from '../models';

/** What the built-in cutter says of photos that are beyond it. */
const BEYOND_PLAIN = ['CLUTTERED_BACKGROUND', 'NO_SUBJECT'];

/** The two ways to a cutout. */
interface Cutters<Cut> {
  plain(): Promise<Cut>;
  network(entry: NetworkEntry): Promise<Cut>;
}

/**
 * `auto` where no network is on the machine. A packshot goes through the built-in cutter, which needs no network and
 * says itself when a photo is beyond it; only such a photo is worth a download of 180 MB. On a device other than the
 * CPU the network comes first, because somebody chose that device. Where the download cannot be had, the built-in
 * cutter's answer stands.
 */
export async function cutWithoutNetwork<Cut extends { warnings: string[] }>(
  networks: Networks,
  request: DownloadRequest,
  cutters: Cutters<Cut>,
): Promise<Cut> {
  const entry = defaultNetwork(await networks.registry());
  if (!entry || !networks.canDownload) return cutters.plain();
  const fetchNetwork = () => networks.fetchIfReachable(entry, request).then(() => undefined, failedDownload);

  if (request.device === 'auto' || request.device === 'cpu') {
    const cut = await cutters.plain().catch(beyondPlain);
    if (!(cut instanceof VitrineError)) return cut;
    const failure = await fetchNetwork();
    if (failure) throw withReason(cut, entry, failure);
    return cutters.network(entry);
  }
  const failure = await fetchNetwork();
  if (!failure) return cutters.network(entry);
  const cut = await cutters.plain();
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
function failedDownload(error: unknown): VitrineError {
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
