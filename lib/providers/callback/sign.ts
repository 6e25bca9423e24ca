import { createHmac } from 'node:crypto';
import { webhookKey } from '../../contracts';
import { loadWebhooks } from '../lazy';

/** Makes the headers that prove a body's origin, anew for each attempt. */
export type Sign = (id: string, at: Date, body: Buffer) => Record<string, string>;

/**
 * Signs callbacks with HMAC-SHA256: `webhook-signature` over id, time and body as Standard Webhooks 1.0 says, and
 * `X-Vitrine-Signature` over the body alone, for receivers that know nothing else.
 * @param name where the secret comes from, for the error
 * @throws VitrineError INVALID_PARAMETER for a secret that is none, which is not shown
 */
export function signer(secret: string, name: string): Sign {
  const key = webhookKey(secret, name);
  const { Webhook } = loadWebhooks();
  const webhook = new Webhook(key, { format: 'raw' });
  return (id, at, body) => ({
    'webhook-signature': webhook.sign(id, at, body),
    'X-Vitrine-Signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
  });
}
