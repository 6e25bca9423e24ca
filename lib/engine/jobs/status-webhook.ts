import { randomUUID } from 'node:crypto';
import {
  type Config,
  type Job,
  STATUS_ROUTE,
  type Secrets,
  type StatusBody,
  type StatusType,
  VitrineError,
  cancelled,
  withoutQuery,
} from '../../contracts';
import { type Callback, type Delivery, deliverCallback } from '../../providers';
import { UNSIGNED, callbackSigner } from '../callback-signer';

/** Seconds before each attempt after the first: a job waits for the last of its messages. */
const PAUSES = [1, 5, 15];

/** Fields of a result that tell of files which lie on the engine. */
const ON_THE_ENGINE = ['artifacts', 'frames'];

/** Whom a job tells its state. */
export interface StatusTarget {
  type: StatusType;
  /** The caller's own; without one nobody is told. */
  jobId?: string | number;
  /** The job's own address; default: CALLBACK_URL. Without either nobody is told. */
  callbackUrl?: string;
  secrets: Secrets;
  config: Config;
  /** Seconds, one for each attempt after the first; default 1, 5, 15. */
  pauses?: readonly number[];
  /** Seconds for one attempt; default 10. */
  timeoutSeconds?: number;
}

/**
 * Runs work whose state is told by POST to `{CALLBACK_URL}/api/v1/webhooks/runpod`: `processing` while it begins, then
 * `completed` with its result or `failed` with the reason, and never in another order: what of the first could not be
 * delivered by then is given up. A receiver that is not there costs the job nothing but a warning.
 * @param work its result is what is told; it must be fit for JSON
 * @returns the result, and warnings about what was not delivered, or not signed
 * @throws what `work` throws, after the receiver was told; VitrineError INVALID_PARAMETER for a secret that is none
 */
export async function withStatusWebhook<T extends object>(
  target: StatusTarget,
  work: () => Promise<T>,
): Promise<{ result: T; warnings: string[] }> {
  const webhook = StatusWebhook.to(target);
  if (!webhook) return { result: await work(), warnings: [] };
  webhook.begin();
  let result: T;
  try {
    result = await work();
  } catch (thrown) {
    await webhook.end({ status: 'failed', error: VitrineError.from(thrown).message });
    throw thrown;
  }
  await webhook.end({ status: 'completed', result });
  return { result, warnings: webhook.warnings };
}

/**
 * A job, from its files' download to its end, told of where its row says so. What the receiver is told of the result is
 * all but what lies on the engine.
 * @throws what `work` throws
 */
export async function withStatus<Made extends { result: { warnings: string[] } }>(
  { status }: Pick<Job, 'status'>,
  { params, secrets, config }: { params: object; secrets: Secrets; config: Config },
  work: () => Promise<Made>,
): Promise<Made> {
  if (!status) return work();
  const { job_id: jobId } = params as { job_id?: string | number };
  let made: Made | undefined;
  const { warnings } = await withStatusWebhook({ type: status, jobId, secrets, config }, async () => {
    made = await work();
    const fields = Object.entries(made.result).filter(([name]) => !ON_THE_ENGINE.includes(name));
    return Object.fromEntries(fields);
  });
  made!.result.warnings.push(...warnings);
  return made!;
}

class StatusWebhook {
  readonly warnings: string[] = [];
  /** Ends what is left of the first message. */
  private readonly overtaken = new AbortController();
  private beginning: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly url: string,
    private readonly sign: Callback['sign'],
    private readonly allowHosts: readonly string[],
    private readonly target: StatusTarget,
  ) {
    if (!sign) this.warnings.push(UNSIGNED);
  }

  static to(target: StatusTarget): StatusWebhook | undefined {
    const { jobId, config, secrets, callbackUrl = config.callbackUrl } = target;
    if (jobId === undefined || jobId === '' || callbackUrl === undefined) return undefined;
    const url = new URL(callbackUrl);
    url.pathname = url.pathname.replace(/\/+$/, '') + STATUS_ROUTE;
    // The receiver that the settings name is allowed by that.
    const own = callbackUrl === config.callbackUrl;
    const allowHosts = own ? [...config.allowHosts, url.hostname] : config.allowHosts;
    return new StatusWebhook(url.href, callbackSigner(secrets, config), allowHosts, target);
  }

  begin(): void {
    // Told anew with the end of the job: why the beginning did not arrive is of no interest then.
    this.beginning = this.tell({ status: 'processing' }, this.overtaken.signal).catch(() => undefined);
  }

  async end(state: Pick<StatusBody, 'status' | 'result' | 'error'>): Promise<void> {
    this.overtaken.abort(cancelled());
    await this.beginning;
    const delivery = await this.tell(state, new AbortController().signal);
    if (delivery.delivered) return;
    this.warnings.push(
      `The webhook ${withoutQuery(this.url)} was not told that the job is ${state.status}: ${delivery.reason}.`,
    );
  }

  private tell(
    state: Pick<StatusBody, 'status' | 'result' | 'error'>,
    signal: AbortSignal,
  ): Promise<Delivery> {
    const { jobId, type, pauses = PAUSES, timeoutSeconds } = this.target;
    const body: StatusBody = { job_id: jobId!, type, ...state };
    return deliverCallback(
      {
        url: this.url,
        id: `msg_${randomUUID()}`,
        body: Buffer.from(JSON.stringify(body)),
        sign: this.sign,
      },
      {
        allowHosts: this.allowHosts,
        signal,
        hurry: new AbortController().signal,
        pauses,
        timeoutSeconds,
      },
    );
  }
}
