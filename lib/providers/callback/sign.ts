import { signatures, webhookKey } from '../../contracts';

/** Makes the headers that prove a body's origin, anew for each attempt. */
export type Sign = (id: string, at: Date, body: Buffer) => Record<string, string>;

/**
 * Signs callbacks with HMAC-SHA256.
 * @param name where the secret comes from, for the error
 * @throws VitrineError INVALID_PARAMETER for a secret that is none, which is not shown
 */
export function signer(secret: string, name: string): Sign {
  const key = webhookKey(secret, name);
  return (id, at, body) => signatures(key, id, at, body);
}
