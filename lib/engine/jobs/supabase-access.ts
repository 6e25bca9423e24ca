import { type Config, type Secrets, VitrineError, invalid, mayCarryKey } from '../../contracts';
import { Supabase } from '../../providers';
import { keyOf } from '../generators/key';

/**
 * The Supabase project of a job: its own address and key, or those of the engine. The key of the engine is sent to the
 * engine's project and to no other that a job names.
 * @param asked `url` is the job's own
 * @throws VitrineError KEY_MISSING where address or key are missing, INVALID_PARAMETER for an address that no key may be
 *   sent to, PROVIDER_DENIED for a key that is none
 */
export function supabaseOf(
  { url: own }: { url?: string },
  { secrets, config }: { secrets: Secrets; config: Config },
  signal: AbortSignal,
): Supabase {
  const url = (own ?? config.supabaseUrl)?.replace(/\/+$/, '');
  if (!url) throw missing('address', 'supabase_url', 'SUPABASE_URL');
  const isEngines = url === config.supabaseUrl;
  const key = isEngines ? keyOf('supabase_key', { secrets, config }) : secrets.reveal().supabase_key;
  if (!key) throw missing(isEngines ? 'key' : 'key of its own', 'secrets.supabase_key', 'SUPABASE_KEY');
  // What the settings name is allowed by that.
  const allowHosts = isEngines ? [...config.allowHosts, new URL(url).hostname] : config.allowHosts;
  if (!mayCarryKey(url, allowHosts)) {
    const hint = 'Use https. A project in your own network: add its host to VITRINE_ALLOW_HOSTS.';
    throw invalid('supabase_url', 'an https address', url, hint);
  }
  return new Supabase({ url, key, allowHosts, signal });
}

function missing(what: string, field: string, variable: string): VitrineError {
  return new VitrineError({
    code: 'KEY_MISSING',
    message: `The result is to be delivered to Supabase, and there is no ${what} for it`,
    hint: `Send ${field} with the job, or start the engine with ${variable} and its project.`,
  });
}
