import { VitrineError } from '../../contracts';
import { type Engine } from './transport';
import { askJson, stranger, unreachable } from './transfer';
import type { EngineHealth } from './types';

const PATIENCE_MS = 3_000;

/**
 * Asks whoever listens at an address for its health. Sends no token: it may be a stranger.
 * @param query such as a challenge
 * @throws VitrineError ENGINE_UNREACHABLE with what is wrong there, ENGINE_RETIRING
 */
export async function lookAt(
  { url, send }: Engine,
  { patienceMs = PATIENCE_MS, query = '' } = {},
): Promise<EngineHealth> {
  const timeout = AbortSignal.timeout(patienceMs);
  let answer: Partial<EngineHealth>;
  try {
    answer = (await askJson({ url, send }, `/health${query}`, timeout)) as Partial<EngineHealth>;
  } catch (error) {
    if (timeout.aborted) throw unreachable({ url }, `it was silent for ${patienceMs} ms`);
    throw error;
  }
  if (answer?.service !== 'vitrine' || typeof answer.queue?.running !== 'number')
    throw stranger({ url }, 200);
  if (answer.status === 'ok') return answer as EngineHealth;
  throw new VitrineError({
    code: 'ENGINE_RETIRING',
    message: `The engine at ${url} finishes the work that it has and takes no more`,
    hint: 'Add an engine to the Vitrine Engine credential, or wait until a new one has started there.',
    retryAfter: 2,
  });
}

/** As `lookAt`, where nobody wants to know why there is none. */
export async function askHealth(engine: Engine, query?: string): Promise<EngineHealth | undefined> {
  return lookAt(engine, { query }).catch(() => undefined);
}
