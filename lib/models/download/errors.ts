import { PASSING_STATUSES, VitrineError, describeFileError, retryAfterSeconds } from '../../contracts';

/** The transfer broke off or the server is in trouble: the same source may be asked again. */
export class Interrupted extends Error {
  constructor(
    readonly reason: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(reason);
  }
}

/** @param place what was asked for, without a query: signed addresses carry secrets there */
export function failed(place: string, reason: string, hint: string, cause?: unknown): VitrineError {
  return new VitrineError(
    { code: 'DOWNLOAD_FAILED', message: `Could not download ${place}: ${reason}`, hint },
    { cause },
  );
}

export const NETWORK_HINT =
  'Check the connection, HTTPS_PROXY and NO_PROXY, or set HF_ENDPOINT or VITRINE_MODELS_MIRROR to a mirror; what came so far is kept and the next try goes on from there.';

/** What a hub's refusal is explained with. */
export interface HubRefusal {
  /** Page of the model, where its licence is accepted. */
  page: string;
  hasToken: boolean;
  /** The hub's own word, such as GatedRepo. */
  code?: string;
}

/** What an answer's status means for a source. */
export function statusError(
  place: string,
  status: number,
  retryAfter: string | undefined,
  hub?: HubRefusal,
): Error {
  if (PASSING_STATUSES.includes(status))
    return new Interrupted(`the server answered ${status}`, shortWait(retryAfter));
  const reason = `the server answered ${status}${hub?.code ? ` (${hub.code})` : ''}`;
  if (hub && (status === 401 || status === 403)) {
    const token = hub.hasToken
      ? 'Check that HF_TOKEN is correct and may read this model'
      : 'Set HF_TOKEN to a token of your Hugging Face account';
    return failed(place, reason, `${token}, and accept the licence on ${hub.page} with that account.`);
  }
  if (status === 404 || status === 410) {
    return failed(
      place,
      `${reason}, it is not there`,
      'It may have moved: update Vitrine, put the file into the models folder by hand, or correct the registry entry.',
    );
  }
  if (status === 407) {
    return failed(place, reason, 'The proxy wants a user and a password: put them into HTTPS_PROXY.');
  }
  return failed(place, reason, 'Open the address in a browser to see why.');
}

/** `Retry-After` in seconds, a minute at most. */
function shortWait(header: string | undefined): number | undefined {
  const wait = retryAfterSeconds(header);
  return wait === undefined ? undefined : Math.min(60, wait);
}

/** What the file system said while a model was written; undefined for anything else. */
export function diskError(error: unknown, path: string): VitrineError | undefined {
  const file = describeFileError(error);
  if (!file) return undefined;
  if (file.full) {
    return new VitrineError(
      {
        code: 'DISK_FULL',
        message: `The disk became full while ${path} was written; the unfinished file was deleted`,
        hint: 'Free some space, or set VITRINE_MODELS_DIR to a folder on another disk.',
      },
      { cause: error },
    );
  }
  return new VitrineError(
    {
      code: 'DOWNLOAD_FAILED',
      message: `${path} cannot be written: ${file.message}`,
      hint: `${file.hint} Or set VITRINE_MODELS_DIR to a folder that this user (user id ${process.getuid?.() ?? 'unknown'}) can write to.`,
    },
    { cause: error },
  );
}
