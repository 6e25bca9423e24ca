/** As `new URL` writes them, whatever their spelling: 127.0.0.0/8, ::1, and the former inside of IPv6. */
const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/;

/**
 * True for a host that this machine alone can be: `localhost`, 127.0.0.0/8 and ::1, in any of their spellings. A name
 * that a name server is asked for, such as `localhost.` or `x.localhost`, is none: it may lead anywhere.
 * @param host as in a URL, a Host header or HOST, without a port; brackets around an IPv6 address may be there
 * @example isLoopback('0x7f.1') // true: 127.0.0.1
 */
export function isLoopback(host: string): boolean {
  const written = host.includes(':') ? `[${host.replace(/^\[(.*)\]$/, '$1')}]` : host;
  if (!/^(\[[\da-f:.]+\]|[a-z\d.]*[a-z\d])$/i.test(written) || !URL.canParse(`http://${written}`))
    return false;
  const { hostname } = new URL(`http://${written}`);
  return hostname === 'localhost' || LOOPBACK.test(hostname);
}

/** True for a full http or https address. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** True where nobody can listen on the way: https, or an address of this machine. */
export function isConfidential(url: string): boolean {
  if (!isWebAddress(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname);
}

/**
 * True where a key may be sent: as `isConfidential`, or in plain http to a host that is trusted by its name.
 * @param allowHosts as in VITRINE_ALLOW_HOSTS
 */
export function mayCarryKey(url: string, allowHosts: readonly string[]): boolean {
  if (isConfidential(url)) return true;
  return isWebAddress(url) && allowHosts.some((host) => host.toLowerCase() === new URL(url).hostname);
}

/**
 * What may be shown of an address: signed ones carry secrets in their query, others in a user name.
 * @param url an absolute one
 */
export function withoutQuery(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
