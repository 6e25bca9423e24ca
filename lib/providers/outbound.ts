import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { loadFilteringAgent } from './lazy';

/**
 * Agents for a request to another machine: public addresses only, looked at after the name is resolved. Ask again for
 * the host of every redirect.
 * @param hostname as in a URL, in lower case
 * @param allowHosts names that are trusted wherever they lead, addresses and networks that are reachable besides
 */
export function outboundAgents(
  hostname: string,
  allowHosts: readonly string[],
): { httpAgent: http.Agent; httpsAgent: https.Agent } {
  const allowed = allowHosts.map((entry) => entry.toLowerCase());
  if (allowed.includes(hostname)) return { httpAgent: new http.Agent(), httpsAgent: new https.Agent() };
  const { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } = loadFilteringAgent();
  const options = { allowIPAddressList: allowed.filter((entry) => isIP(entry.split('/')[0])) };
  return {
    httpAgent: new RequestFilteringHttpAgent(options),
    httpsAgent: new RequestFilteringHttpsAgent(options),
  };
}

/** True for what the agents say of an address that is not public. */
export function isBlocked(error: unknown): boolean {
  return error instanceof Error && /is not allowed/i.test(error.message);
}
