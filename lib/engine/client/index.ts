import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  FILE_ROUTES,
  JOBS,
  type Job,
  type JobName,
  type JobResults,
  type ModelSummary,
  type PipelineSummary,
  type PresetSummary,
  VitrineError,
  deadlineExceeded,
  isConfidential,
  linksOf,
  loadConfig,
  mapLimit,
  packagedModels,
} from '../../contracts';
import { embeddedEngine, runningEngine } from './embedded';
import { askHealth } from './health';
import { type Address, NotTaken, type Payload, request, submit } from './transfer';
import type {
  EngineClient,
  EngineClientOptions,
  EngineHealth,
  EngineJob,
  JobOptions,
  JobRequest,
  JobSource,
} from './types';

export type * from './types';

const DEFAULT_TIMEOUT_SECONDS = 600;
/** Files that are deleted at a time. */
const DELETED_AT_ONCE = 8;
/** What stands before the route of a file in the path of its link. */
const BASE_PATH = new RegExp(`^.*(?=/(${FILE_ROUTES.join('|')})/)`);
/** Seconds to wait when every engine is full and none says for how long. */
const BUSY_SECONDS = 2;

/**
 * The door to an engine for everybody who is not one. Without `urls` the engine of this host is used and
 * started when needed; with several, the least busy healthy one gets the job.
 */
export function engineClient(options: EngineClientOptions = {}): EngineClient {
  const { token, onNotice } = options;
  const remotes: Address[] = (options.urls ?? []).map((url) => ({ url: url.replace(/\/+$/, ''), token }));

  return { run, models, presets, pipelines, health };

  async function run<J extends JobName>(
    name: J,
    request: JobRequest<J>,
    { signal, onProgress, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: JobOptions = {},
  ): Promise<EngineJob<J>> {
    const payload = payloadOf(name, request);
    if (payload.secrets) refuseOpenLines();
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(deadlineExceeded(timeoutSeconds)), timeoutSeconds * 1000);
    const either = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
    try {
      const { engine, result } = await submitSomewhere<JobResults[J]>(payload, {
        signal: either,
        onProgress: (event) => {
          // The engine starts its own clock anew while a model is being fetched.
          if (event.stage === 'download') timer.refresh();
          onProgress?.(event);
        },
      });
      return finished(engine, name, result);
    } catch (error) {
      if (either.aborted) throw VitrineError.from(either.reason);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws VitrineError FORBIDDEN where a secret could be read on the way */
  function refuseOpenLines(): void {
    const open = remotes.find(({ url }) => !isConfidential(url));
    if (open) throw unguarded(open.url);
  }

  async function submitSomewhere<Result>(
    payload: Payload,
    jobOptions: { signal: AbortSignal; onProgress?: JobOptions['onProgress'] },
  ): Promise<{ engine: Address; result: Result }> {
    const { signal } = jobOptions;
    const refused = new Set<string>();
    let restarted = false;
    for (;;) {
      const engine = remotes.length
        ? await leastBusy(refused, signal)
        : await embeddedEngine(onNotice, signal);
      try {
        return { engine, result: await submit<Result>(engine, payload, jobOptions) };
      } catch (error) {
        if (!(error instanceof NotTaken)) throw error;
        const { reason } = error;
        refused.add(engine.url);
        if (remotes.some(({ url }) => !refused.has(url))) {
          onNotice?.(`${reason.message}; trying the next engine`);
          continue;
        }
        if (passes(reason) || (reason.code === 'ENGINE_RETIRING' && remotes.length)) {
          onNotice?.(`${reason.message}; waiting`);
          await sleep((reason.retryAfter ?? BUSY_SECONDS) * 1000, undefined, { signal });
          refused.clear();
        } else if (!remotes.length && !restarted) {
          restarted = true; // The engine ended between the look and the job; a new one is started once.
        } else {
          throw reason;
        }
      }
    }
  }

  async function leastBusy(refused: Set<string>, signal: AbortSignal): Promise<Address> {
    const candidates = remotes.filter(({ url }) => !refused.has(url));
    if (remotes.length === 1) return remotes[0];
    const healths = await Promise.all(candidates.map(({ url }) => askHealth(url, signal)));
    const busy = (health?: EngineHealth) => (health ? health.queue.running + health.queue.waiting : Infinity);
    const order = candidates.map((candidate, index) => ({ candidate, load: busy(healths[index]) }));
    return order.reduce((best, other) => (other.load < best.load ? other : best)).candidate;
  }

  async function models(): Promise<ModelSummary[]> {
    return (await list<ModelSummary>('/models')) ?? packagedModels();
  }

  async function presets(): Promise<PresetSummary[] | undefined> {
    return await list<PresetSummary>('/presets');
  }

  async function pipelines(): Promise<PipelineSummary[] | undefined> {
    return await list<PipelineSummary>('/pipelines');
  }

  /** What the first remote engine, or the one that runs on this machine, answers. */
  async function list<Entry>(url: string): Promise<Entry[] | undefined> {
    const engine = remotes[0] ?? (await runningEngine(loadConfig().homeDir));
    if (!engine) return undefined;
    const response = await request(engine, { url, timeout: 10_000 }).catch(untangle);
    return response.data as Entry[];
  }

  async function health(): Promise<EngineHealth> {
    const urls = remotes.length
      ? remotes.map(({ url }) => url)
      : [(await runningEngine(loadConfig().homeDir))?.url];
    for (const url of urls) {
      const answer = url && (await askHealth(url));
      if (answer) return answer;
    }
    throw new VitrineError({
      code: 'ENGINE_UNREACHABLE',
      message: urls[0]
        ? `No Vitrine engine answers at ${urls.join(', ')}`
        : 'No Vitrine engine runs on this machine',
      hint: 'It is started with the first job; a remote one is started with "vitrine serve".',
    });
  }
}

function payloadOf<J extends JobName>(name: J, request: JobRequest<J>): Payload {
  const params = { ...request.params, ...request.callback };
  const secrets = request.secrets?.reveal() ?? {};
  const job: Job = JOBS[name];
  const files = 'files' in request ? (request.files as Record<string, JobSource | undefined>) : {};
  const { many } = request;
  return { job, params, files, many, ...(Object.keys(secrets).length && { secrets }) };
}

function finished<J extends JobName>(engine: Address, name: J, result: JobResults[J]): EngineJob<J> {
  const links = linksOf(name, result);
  // Asked of the engine that did the work, whatever public address its links carry.
  const path = (link: string) => new URL(link).pathname.replace(BASE_PATH, '');
  return {
    result,
    async download(artifact) {
      const link = links[artifact];
      if (!link) throw noArtifact(artifact);
      const response = await request(engine, { url: path(link), responseType: 'stream' }).catch(untangle);
      return response.data as Readable;
    },
    async discard() {
      const made = Object.values<string | undefined>(links).filter((link) => link !== undefined);
      // A file that stays is deleted by the engine after its time to live.
      await mapLimit(made, DELETED_AT_ONCE, undefined, (link) =>
        request(engine, { method: 'DELETE', url: path(link) }).catch(() => undefined),
      );
    },
  };
}

/** True for what the same engine may answer otherwise in a moment. */
function passes({ code }: VitrineError): boolean {
  return code === 'QUEUE_FULL' || code === 'RATE_LIMITED';
}

function untangle(error: unknown): never {
  throw error instanceof NotTaken ? error.reason : error;
}

function noArtifact(artifact: string): VitrineError {
  return new VitrineError({
    code: 'NOT_FOUND',
    message: `The job made no ${artifact}`,
    hint: artifact === 'mask' ? 'Ask for it with mask=true.' : 'Run the job again.',
  });
}

function unguarded(url: string): VitrineError {
  return new VitrineError({
    code: 'FORBIDDEN',
    message: `A key may not be sent to ${url}: others on the way could read it`,
    hint: 'Reach the engine through https, or leave the credential out and start the engine with GEMINI_API_KEY.',
  });
}
