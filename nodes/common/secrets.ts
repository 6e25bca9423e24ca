import { type SecretName, Secrets } from '../../lib/contracts';
import type { ItemRun } from './operation';

/** Credentials that hold a key or a secret, by what the engine calls it. */
export const SERVICE_CREDENTIALS = {
  gemini_api_key: 'vitrineGeminiApi',
  runway_api_key: 'vitrineRunwayApi',
  supabase_key: 'vitrineSupabaseApi',
  webhook_secret: 'vitrineWebhookApi',
} as const satisfies Record<SecretName, string>;

/** What those credentials hold that the node has; the engine may have others of its own. */
export async function readSecrets(
  { context, index }: ItemRun,
  names: readonly SecretName[],
): Promise<Secrets> {
  const chosen = context.getNode().credentials ?? {};
  const read = names
    .filter((name) => chosen[SERVICE_CREDENTIALS[name]])
    .map(async (name) => {
      const { apiKey, secret } = await context.getCredentials(SERVICE_CREDENTIALS[name], index);
      return [name, String(apiKey ?? secret)];
    });
  return new Secrets(Object.fromEntries(await Promise.all(read)) as Partial<Record<SecretName, string>>);
}
