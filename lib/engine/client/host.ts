/** What the embedded engine itself needs of the client's side: the state files and the way to its elders. */
import { askHealth } from './health';
import type { EngineState } from './state';
import { request } from './transfer';

export { otherStates, prepareHome, removeState, writeState } from './state';

/** Asks another embedded engine to end once its work is done. One that is gone already needs no telling. */
export async function retireEngine(state: EngineState): Promise<void> {
  const health = await askHealth(state.url);
  if (health?.instance !== state.instance) return;
  await request(state, { method: 'POST', url: '/retire', data: {}, timeout: 5_000 });
}
