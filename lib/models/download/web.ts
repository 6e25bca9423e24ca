import { withoutQuery } from '../../contracts';
import { statusError, type HubRefusal } from './errors';
import { send } from './http';
import type { DownloadSettings } from './settings';
import type { Remote } from './transfer';

export interface WebOptions {
  settings: DownloadSettings;
  headers?: Record<string, string>;
  /** Exact size, when known. */
  bytes?: number;
  /** Default: the address. */
  key?: string;
  /** For errors; default: the address without its query. */
  place?: string;
  /** What is said to a refusal of a hub. */
  hub?: HubRefusal;
}

/** A file at an address. */
export function webRemote(url: string, options: WebOptions): Remote {
  const { settings, headers, bytes, key = url, place = withoutQuery(url), hub } = options;
  return {
    place,
    key,
    bytes,
    open: (offset, validator, signal) =>
      send({
        url,
        headers: { ...headers, ...rangeHeaders(offset, validator) },
        answerSeconds: settings.answerSeconds,
        signal,
      }),
    refuse: ({ status, headers: answered }) =>
      statusError(place, status, answered['retry-after'], hub && { ...hub, code: answered['x-error-code'] }),
  };
}

/** Asks for the rest of a file, or for all of it where it has changed. */
export function rangeHeaders(offset: number, validator: string | undefined): Record<string, string> {
  if (!offset) return {};
  return { Range: `bytes=${offset}-`, ...(validator && { 'If-Range': validator }) };
}
