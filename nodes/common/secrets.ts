import { type SecretName, Secrets } from '../../lib/contracts';
import type { ItemRun } from './operation';
import { text } from './read';

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

/** As `readSecrets`, and the address of the project that the Supabase key belongs to. */
export async function readServiceKeys(
  run: ItemRun,
  names: readonly SecretName[],
): Promise<{ secrets: Secrets; supabaseUrl?: string }> {
  const secrets = await readSecrets(run, names);
  if (secrets.reveal().supabase_key === undefined) return { secrets };
  const { url } = await run.context.getCredentials(SERVICE_CREDENTIALS.supabase_key, run.index);
  return { secrets, supabaseUrl: text(url) };
}
