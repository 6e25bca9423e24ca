import axios from 'axios';
import { route } from './transfer';
import type { EngineHealth } from './types';

const TIMEOUT_MS = 3_000;

/**
 * Asks whoever listens at `url` for its health. Sends no token: it may be a stranger.
 * @returns undefined when nothing, or something that is no Vitrine engine, answers
 */
export async function askHealth(url: string, signal?: AbortSignal): Promise<EngineHealth | undefined> {
  try {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const { data } = await axios.get<Partial<EngineHealth>>('/health', {
      ...route(url),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      maxContentLength: 64 * 1024,
    });
    return data?.service === 'vitrine' && data.status === 'ok' ? (data as EngineHealth) : undefined;
  } catch {
    // No answer and a wrong one mean the same here; the caller says what follows from it.
    return undefined;
  }
}
