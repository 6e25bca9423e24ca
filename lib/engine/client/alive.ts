import { askHealth } from './health';
import { sendByHttp } from './http';
import { isProof, newChallenge } from './proof';
import type { EngineState } from './state';

/** True where the engine that wrote `state` answers: it shows that it knows the token, which is not sent. */
export async function isAlive({ url, token, instance }: EngineState): Promise<boolean> {
  const challenge = newChallenge();
  const health = await askHealth({ url, send: sendByHttp }, `?challenge=${challenge}`);
  return isProof(health?.proof, token, { challenge, instance, address: new URL(url).host });
}
