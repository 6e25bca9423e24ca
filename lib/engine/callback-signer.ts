import type { Config, Secrets } from '../contracts';
import { type Callback, signer } from '../providers';

/** What a job says whose callbacks nobody can check. */
export const UNSIGNED =
  'The callback is not signed: its receiver cannot tell it from one of somebody else. Send secrets.webhook_secret with ' +
  'the job, or start the engine with APP_WEBHOOK_SECRET.';

/**
 * What the callbacks of a job are signed with, if there is a secret: its own, or else that of the engine.
 * @throws VitrineError INVALID_PARAMETER for a secret that nothing can be signed with
 */
export function callbackSigner(secrets: Secrets, config: Config): Callback['sign'] {
  const { webhook_secret: own } = secrets.reveal();
  const { webhook_secret: shared } = config.secrets.reveal();
  if (own) return signer(own, 'secrets.webhook_secret');
  return shared ? signer(shared, 'APP_WEBHOOK_SECRET') : undefined;
}
