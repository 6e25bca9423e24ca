import { type JobName, type ModelSummary, VitrineError } from '../../contracts';
import { pause } from './clock';
import { type Wish, chooseEngine, healthy, onEngine, postpone } from './fleet';
import { lookAt } from './health';
import type { Engines } from './engines';
import { BUSY_SECONDS, NotTaken, type Payload, type SubmitOptions, askJson, submit } from './transfer';
import type { Engine } from './transport';
import type { EngineHealth } from './types';

/** Parameters that name models. */
const MODEL_FIELDS = ['model', 'generator_model', 'rmbg_model', 'birefnet_model'];

/** Engines that somebody has started, wherever they are: a job goes to the one that will be done first. */
export function remoteEngines(engines: readonly Engine[], onNotice: (message: string) => void): Engines {
  return { urls: engines.map(({ url }) => url), submit: submitToOne, models, list, health };

  async function submitToOne<Result>(
    name: JobName,
    payload: Payload,
    options: SubmitOptions,
  ): Promise<{ engine: Engine; result: Result }> {
    const { signal } = options;
    const wish: Wish = { job: name, route: payload.job.route, models: modelsOf(payload.params) };
    const refused = new Map<Engine, VitrineError>();
    for (;;) {
      const open = engines.filter((engine) => !refused.has(engine));
      if (!open.length) throw [...refused.values()][0];
      const engine = await choose(open, wish, signal).catch((error: unknown) => {
        // What an engine had against this very job tells more than that another one is away.
        throw [...refused.values()][0] ?? error;
      });
      if (!engine) continue;
      try {
        const result = await onEngine(engine, () => submit<Result>(engine, payload, options));
        return { engine, result };
      } catch (error) {
        if (!(error instanceof NotTaken)) throw error;
        const { reason } = error;
        if (passes(reason)) postpone(engine, wish, reason.retryAfter ?? BUSY_SECONDS);
        else refused.set(engine, reason);
        if (open.length > 1) onNotice(`${reason.message}; trying the next engine`);
      }
    }
  }

  /** Nothing where all are about to end: the next look may find those that take their place. */
  async function choose(
    open: readonly Engine[],
    wish: Wish,
    signal: AbortSignal,
  ): Promise<Engine | undefined> {
    try {
      return await chooseEngine(open, wish, signal, onNotice);
    } catch (error) {
      if (!(error instanceof VitrineError) || error.code !== 'ENGINE_RETIRING') throw error;
      onNotice(`${error.message}; waiting`);
      await pause((error.retryAfter ?? BUSY_SECONDS) * 1000, signal);
      return undefined;
    }
  }

  /** What one of them has, all have: jobs find their way to it. */
  async function models(): Promise<ModelSummary[]> {
    const lists = (await askAll('/models')) as ModelSummary[][];
    const all = new Map<string, ModelSummary>();
    for (const model of lists.flat()) {
      const known = all.get(model.id);
      all.set(model.id, known?.available ? known : model);
    }
    return [...all.values()];
  }

  async function list<Entry>(path: string): Promise<Entry[]> {
    return ((await askAll(path)) as Entry[][])[0];
  }

  /**
   * The answers of those that answer.
   * @throws VitrineError what the first says where none has an answer
   */
  async function askAll(path: string): Promise<unknown[]> {
    const found = await healthy(engines);
    const answers = await Promise.allSettled(found.map((engine) => askJson(engine, path)));
    const lists = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    if (lists.length) return lists;
    throw (answers[0] as PromiseRejectedResult).reason;
  }

  async function health(): Promise<EngineHealth> {
    const [first] = await healthy(engines);
    return lookAt(first);
  }
}

function modelsOf(params: object): string[] {
  const values = params as Record<string, unknown>;
  return MODEL_FIELDS.map((field) => values[field]).filter((id) => typeof id === 'string');
}

/** True for what the same engine may answer otherwise in a moment. */
function passes({ code, retryAfter }: VitrineError): boolean {
  return code === 'QUEUE_FULL' || code === 'RATE_LIMITED' || retryAfter !== undefined;
}
