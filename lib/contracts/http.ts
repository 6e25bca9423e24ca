/** Statuses that pass by themselves: worth another try. */
export const PASSING_STATUSES: readonly number[] = [
  408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524,
];

/**
 * Seconds that a Retry-After header asks to wait (RFC 9110, 10.2.3: a number or a date); never below 0.
 * @returns undefined where there is none, or nonsense
 */
export function retryAfterSeconds(header: unknown): number | undefined {
  if (typeof header !== 'string' || !header.trim()) return undefined;
  const text = header.trim();
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

const NETWORK_WORDS: Record<string, string> = {
  ENOTFOUND: 'its name is not known here (ENOTFOUND)',
  EAI_AGAIN: 'the name server does not answer (EAI_AGAIN)',
  ECONNREFUSED: 'it refuses connections (ECONNREFUSED)',
  ECONNRESET: 'the connection broke (ECONNRESET)',
};

/** What a code of a failed connection means, for people; an unknown one as it is. */
export function networkReason(code: string): string {
  return Object.hasOwn(NETWORK_WORDS, code) ? NETWORK_WORDS[code] : code;
}
