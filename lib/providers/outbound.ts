import type http from 'node:http';
import type https from 'node:https';
import { isIP } from 'node:net';
import { loadFilteringAgent } from './lazy';
import { isMetadataAddress, lookupSafely } from './metadata';

/**
 * Agents for a request to another machine: public addresses only, every one of them looked at after the name is
 * resolved, and those of metadata services never. Ask again for the host of every redirect.
 * @param hostname as in a URL, in lower case
 * @param allowHosts names that are trusted wherever they lead, addresses and networks that are reachable besides
 */
export function outboundAgents(
  hostname: string,
  allowHosts: readonly string[],
): { httpAgent: http.Agent; httpsAgent: https.Agent } {
  const { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } = loadFilteringAgent();
  const options = { ...filterFor(hostname.replace(/^\[(.*)\]$/, '$1'), allowHosts), lookup: lookupSafely };
  return {
    httpAgent: new RequestFilteringHttpAgent(options),
    httpsAgent: new RequestFilteringHttpsAgent(options),
  };
}

/** True for what the agents say of an address that is not public. */
export function isBlocked(error: unknown): boolean {
  return error instanceof Error && /is not allowed/i.test(error.message);
}

function filterFor(host: string, allowHosts: readonly string[]) {
  if (isMetadataAddress(host)) return { denyIPAddressList: [host] };
  const allowed = allowHosts.map((entry) => entry.toLowerCase());
  if (allowed.includes(host) || allowed.includes(`[${host}]`))
    return { allowPrivateIPAddress: true, allowMetaIPAddress: true };
  return { allowIPAddressList: allowed.filter((entry) => isIP(entry.split('/')[0])) };
}
