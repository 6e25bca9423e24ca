import { type JobName, type ModelSummary, VitrineError, loadConfig, packagedModels } from '../../contracts';
import { pause } from './clock';
import { embeddedEngine, runningEngine } from './embedded';
import type { Engines } from './engines';
import { lookAt } from './health';
import { sendByHttp } from './http';
import { BUSY_SECONDS, NotTaken, type Payload, type SubmitOptions, askJson, submit } from './transfer';
import type { Engine } from './transport';
import type { EngineHealth } from './types';

/** The engine of this machine, which all n8n processes share: a job starts it, questions do not. */
export function localEngine(onNotice: (message: string) => void): Engines {
  return { urls: [], submit: submitToIt, models, list, health };

  async function submitToIt<Result>(
    _name: JobName,
    payload: Payload,
    options: SubmitOptions,
  ): Promise<{ engine: Engine; result: Result }> {
    const { signal } = options;
    let restarted = false;
    for (;;) {
      const engine = { ...(await embeddedEngine(onNotice, signal)), send: sendByHttp };
      try {
        return { engine, result: await submit<Result>(engine, payload, options) };
      } catch (error) {
        if (!(error instanceof NotTaken)) throw error;
        const { reason } = error;
        if (reason.code === 'QUEUE_FULL' || reason.code === 'RATE_LIMITED') {
          onNotice(`${reason.message}; waiting`);
          await pause((reason.retryAfter ?? BUSY_SECONDS) * 1000, signal);
        } else if (!restarted) {
          restarted = true; // The engine ended between the look and the job; a new one is started once.
        } else {
          throw reason;
        }
      }
    }
  }

  async function running(): Promise<Engine | undefined> {
    const state = await runningEngine(loadConfig().homeDir);
    return state && { ...state, send: sendByHttp };
  }

  async function models(): Promise<ModelSummary[]> {
    return (await list<ModelSummary>('/models')) ?? packagedModels();
  }

  async function list<Entry>(path: string): Promise<Entry[] | undefined> {
    const engine = await running();
    return engine && ((await askJson(engine, path)) as Entry[]);
  }

  async function health(): Promise<EngineHealth> {
    const engine = await running();
    if (engine) return lookAt(engine);
    throw new VitrineError({
      code: 'ENGINE_UNREACHABLE',
      message: 'No Vitrine engine runs on this machine',
      hint: 'It is started with the first job; a remote one is started with "vitrine serve".',
    });
  }
}
