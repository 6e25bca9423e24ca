import type { Logger } from 'pino';
import {
  type CallbackBody,
  type CallbackParams,
  type Config,
  JOBS,
  type Job,
  type Secrets,
  type VitrineError,
  cancelled,
  withoutQuery,
} from '../../contracts';
import { type Callback, deliverCallback } from '../../providers';
import { UNSIGNED, callbackSigner } from '../callback-signer';
import type { JobRecord } from './job-record';

/** Where a job's caller wants to be called, and how that is signed. */
export type CallbackTarget = Pick<Callback, 'url' | 'sign'>;

/** How a job ended, for those who are called. */
export type Ending = { outputUrl?: string } | { error: VitrineError };

/**
 * Whom jobs call at this address, if anybody.
 * @param secrets the job's own, which win over those of the engine
 * @throws VitrineError INVALID_PARAMETER for a secret that nothing can be signed with
 */
export function callbackTarget(
  { callbackUrl: url }: CallbackParams,
  secrets: Secrets,
  config: Config,
): CallbackTarget | undefined {
  if (url === undefined) return undefined;
  return { url, sign: callbackSigner(secrets, config) };
}

/** Calls back for jobs that have ended, behind the answers of others. */
export class Callbacks {
  private readonly stopped = new AbortController();
  private readonly hurried = new AbortController();
  private count = 0;

  constructor(
    private readonly config: Config,
    private readonly log: Logger,
    /** Told after each, however it went. */
    private readonly onDone: () => void,
  ) {}

  /** Callbacks that are promised and not yet done: those of jobs that go on, too. */
  get owed(): number {
    return this.count;
  }

  /**
   * Promises to call back.
   * @returns what keeps the promise when the job has ended
   */
  promise(record: JobRecord, target: CallbackTarget): (ending: Ending) => void {
    this.count += 1;
    record.tell({ state: 'waiting', attempts: 0 });
    if (!target.sign) record.warnings.push(UNSIGNED);
    return (ending) => {
      void this.deliver(record, target, bodyOf(record, ending)).finally(() => {
        this.count -= 1;
        this.onDone();
      });
    };
  }

  /** There is little time left: what waits is tried now, and soon again. */
  hurry(): void {
    this.hurried.abort();
  }

  /** Gives up what is left. */
  stop(): void {
    this.stopped.abort(cancelled());
  }

  private async deliver(record: JobRecord, { url, sign }: CallbackTarget, body: Buffer): Promise<void> {
    const { allowHosts } = this.config;
    const { jobId: id } = record;
    let attempts = 0;
    const delivery = await deliverCallback(
      { url, id, body, sign },
      {
        allowHosts,
        signal: this.stopped.signal,
        hurry: this.hurried.signal,
        onAttempt: (attempt) => {
          attempts = attempt;
          record.tell({ state: 'waiting', attempts });
        },
      },
    ).catch((error: unknown) => {
      if (!this.stopped.signal.aborted) this.log.error({ err: error }, 'Defect in a callback');
      const reason = this.stopped.signal.aborted ? 'the engine ended' : 'of a defect, which the log tells';
      return { delivered: false as const, reason };
    });
    const told = { jobId: id, to: withoutQuery(url), attempts };
    if (delivery.delivered) {
      record.tell({ state: 'delivered', attempts });
      this.log.info(told, 'callback');
      return;
    }
    const { reason } = delivery;
    record.tell({ state: 'failed', attempts, reason });
    record.warnings.push(
      `The callback to ${withoutQuery(url)} was not delivered, tried ${times(attempts)}: ${reason}.`,
    );
    this.log.warn({ ...told, reason }, 'A callback was not delivered');
  }
}

function bodyOf({ job, jobId, ids }: JobRecord, ending: Ending): Buffer {
  const { background }: Job = JOBS[job];
  const failed = 'error' in ending;
  const body: CallbackBody = {
    event: `${background!.event}.${failed ? 'failed' : 'succeeded'}`,
    jobId,
    ...ids,
    ...(failed ? { error: ending.error.message } : { outputUrl: ending.outputUrl }),
    timestamp: new Date().toISOString(),
  };
  return Buffer.from(JSON.stringify(body));
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
