import dns, { type LookupAddress } from 'node:dns';
import { BlockList, type LookupFunction, isIP, isIPv6 } from 'node:net';

/**
 * Where clouds tell a machine its own credentials: the link-local network, and what else AWS, Google, Azure, Alibaba and
 * Oracle use. Whoever opens a network to the engine does not mean these.
 */
const METADATA = new BlockList();
METADATA.addSubnet('169.254.0.0', 16, 'ipv4');
METADATA.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
for (const address of ['100.100.100.200', '168.63.129.16', '192.0.0.192'])
  METADATA.addAddress(address, 'ipv4');
for (const address of ['fd00:ec2::254', 'fd20:ce::254']) METADATA.addAddress(address, 'ipv6');

/** @param host a name, which is none, or an address without brackets; one of IPv4 in the clothes of IPv6 counts, too */
export function isMetadataAddress(host: string): boolean {
  return isIP(host) !== 0 && METADATA.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

/** Resolves a name as `dns.lookup` does, and fails where one of its addresses is that of a metadata service. */
export const lookupSafely: LookupFunction = (hostname, options, done) =>
  dns.lookup(hostname, options, (error, address: string | LookupAddress[], family) => {
    const found = typeof address === 'string' ? [{ address }] : (address ?? []);
    const metadata = found.find((each) => isMetadataAddress(each.address));
    const refusal =
      metadata && new Error(`${hostname} (${metadata.address}) is not allowed: it tells secrets`);
    done(error ?? refusal ?? null, address, family);
  });
