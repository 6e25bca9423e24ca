import { z } from 'zod/v4';
import { isWebAddress } from './addresses';
import { optional } from './fields';
import { invalid } from './validate';

const ownId = z.union([z.string().trim().max(200), z.int()]);
const OWN_ID = 'a text of at most 200 characters or a whole number, which comes back with the result';

/**
 * Whom a job calls when it is done, and what the caller knows it by. Jobs that have a route which answers at once take
 * these fields beside their parameters; the names are the seed service's.
 */
export const callbackParams = z.strictObject({
  callbackUrl: optional(z.string().trim().max(4000).refine(isWebAddress)).describe(
    'an http or https address (told by POST that the job is done, or why it is not)',
  ),
  mediaId: optional(ownId).describe(OWN_ID),
  projectId: optional(ownId).describe(OWN_ID),
});

export type CallbackParams = z.output<typeof callbackParams>;
export type CallbackParamsInput = z.input<typeof callbackParams>;

/** What a callback says: the seed service's fields. */
export interface CallbackBody extends Omit<CallbackParams, 'callbackUrl'> {
  /** `background.job.succeeded` or `background.job.failed`. */
  event: string;
  jobId: string;
  /** Where the picture lies, of a job that succeeded. */
  outputUrl?: string;
  /** Why a job failed, in words. */
  error?: string;
  /** When the job was done, ISO 8601 in UTC. */
  timestamp: string;
}

const PREFIX = 'whsec_';

/**
 * The key that callbacks are signed with: of a secret `whsec_…` what stands behind it, decoded from base64; of any other
 * the text itself.
 * @param name where the secret comes from, for the error
 * @throws VitrineError INVALID_PARAMETER for a secret that is none
 */
export function webhookKey(secret: string, name: string): Buffer {
  const key = secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : fromText(secret);
  if (key) return key;
  const expected = 'whsec_ and base64, or a text of printable ASCII characters';
  const hint = 'Take the secret as the receiver shows it, or the output of "openssl rand -hex 32".';
  throw invalid(name, expected, secret, hint);
}

function fromText(text: string): Buffer | undefined {
  return /^[\x20-\x7e]+$/.test(text) ? Buffer.from(text) : undefined;
}

function fromBase64(text: string): Buffer | undefined {
  const key = Buffer.from(text, 'base64');
  const isWhole = key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  return key.length && isWhole ? key : undefined;
}
