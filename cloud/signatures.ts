import { createHmac } from 'node:crypto';

/**
 * As lib/contracts/signatures.ts, which has a library for it: `v1,` and base64 of HMAC-SHA256 over id, time and body
 * (Standard Webhooks 1.0, https://www.standardwebhooks.com).
 */
export function signatures(key: Buffer, id: string, at: Date, body: Buffer | string): Record<string, string> {
  const time = Math.floor(at.getTime() / 1000);
  const signed = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest('base64');
  return {
    'webhook-signature': `v1,${signed}`,
    'X-Vitrine-Signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
  };
}
