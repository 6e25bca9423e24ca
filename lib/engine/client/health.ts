import axios from 'axios';
import { isProof, newChallenge } from './proof';
import type { EngineState } from './state';
import { route } from './transfer';
import type { EngineHealth } from './types';

const TIMEOUT_MS = 3_000;

/**
 * Asks whoever listens at `url` for its health. Sends no token: it may be a stranger.
 * @param params may hold a challenge
 * @returns undefined when nothing, or something that is no Vitrine engine, answers
 */
export async function askHealth(
  url: string,
  signal?: AbortSignal,
  params?: { challenge: string },
): Promise<EngineHealth | undefined> {
  try {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const { data } = await axios.get<Partial<EngineHealth>>('/health', {
      ...route(url),
      params,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      maxContentLength: 64 * 1024,
    });
    return data?.service === 'vitrine' && data.status === 'ok' ? (data as EngineHealth) : undefined;
  } catch {
    // No answer and a wrong one mean the same here; the caller says what follows from it.
    return undefined;
  }
}

/** True where the engine that wrote `state` answers: it shows that it knows the token, which is not sent. */
export async function isAlive({ url, token, instance }: EngineState): Promise<boolean> {
  const challenge = newChallenge();
  const health = await askHealth(url, undefined, { challenge });
  return isProof(health?.proof, token, { challenge, instance, address: new URL(url).host });
}
