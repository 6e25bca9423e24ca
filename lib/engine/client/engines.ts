import type { JobName, ModelSummary } from '../../contracts';
import type { Payload, SubmitOptions } from './transfer';
import type { Engine } from './transport';
import type { EngineHealth } from './types';

/** What a client has jobs done by: the engine of this machine, or some elsewhere. */
export interface Engines {
  /** Addresses that secrets would travel to; none where that is this machine. */
  urls: readonly string[];
  /** @throws VitrineError what the job threw, or why there is no engine for it */
  submit<Result>(
    job: JobName,
    payload: Payload,
    options: SubmitOptions,
  ): Promise<{ engine: Engine; result: Result }>;
  models(): Promise<ModelSummary[]>;
  /** Undefined where none runs; starts nothing. */
  list<Entry>(path: string): Promise<Entry[] | undefined>;
  health(): Promise<EngineHealth>;
}
