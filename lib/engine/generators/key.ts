import type { SecretName } from '../../contracts';
import type { GeneratorAccess } from './types';

/** The key that the job brought, or else the engine's own. */
export function keyOf(
  name: SecretName,
  { secrets, config }: Pick<GeneratorAccess, 'secrets' | 'config'>,
): string | undefined {
  return secrets.reveal()[name] ?? config.secrets.reveal()[name];
}

/** Where a service may be reached: a stand-in that the settings name is allowed by that. */
export function hostsFor(url: string, standard: string, allowHosts: readonly string[]): string[] {
  return url === standard ? [...allowHosts] : [...allowHosts, new URL(url).hostname];
}
