/** What the engine itself needs of the client's side: the state files, the proof and the way to its elders. */
import { isAlive } from './alive';
import { sendByHttp } from './http';
import type { EngineState } from './state';
import { request } from './transfer';

export { CHALLENGE, proofOf } from './proof';
export { otherStates, prepareHome, readState, removeState, writeState } from './state';

/** Asks another embedded engine to end once its work is done. One that is gone already needs no telling. */
export async function retireEngine(state: EngineState): Promise<void> {
  if (!(await isAlive(state))) return;
  const engine = { ...state, send: sendByHttp };
  const signal = AbortSignal.timeout(5_000);
  const { body } = await request(engine, '/retire', { method: 'POST', body: { json: {} }, signal });
  body.resume();
}
