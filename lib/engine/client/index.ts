import { clientOf } from './client';
import { sendByHttp } from './http';
import { localEngine } from './local';
import { remoteEngines } from './remote';
import type { EngineClient, EngineClientOptions } from './types';

export type * from './types';

/**
 * The door to an engine for everybody who is not one. Without `urls` the engine of this host is used and
 * started when needed; with several, the one that will be done first gets the job (fleet.ts).
 */
export function engineClient({
  urls = [],
  token,
  onNotice = () => undefined,
  silenceSeconds,
}: EngineClientOptions = {}): EngineClient {
  const engines = urls.map((url) => ({ url: url.replace(/\/+$/, ''), token, send: sendByHttp }));
  return clientOf(engines.length ? remoteEngines(engines, onNotice) : localEngine(onNotice), silenceSeconds);
}
