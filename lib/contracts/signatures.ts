import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as StandardWebhooks from 'standardwebhooks';

/**
 * The headers that prove a callback's origin, anew for each attempt: `webhook-signature` over id, time and body as
 * Standard Webhooks 1.0 says, and `X-Vitrine-Signature` over the body alone, for receivers that know nothing else.
 * @param key as `webhookKey` makes it
 * @param body the very bytes that are sent
 */
export function signatures(key: Buffer, id: string, at: Date, body: Buffer | string): Record<string, string> {
  // Loaded here: most processes sign nothing.
  const { Webhook } = createRequire(__filename)('standardwebhooks') as typeof StandardWebhooks;
  return {
    'webhook-signature': new Webhook(key, { format: 'raw' }).sign(id, at, body),
    'X-Vitrine-Signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
  };
}
