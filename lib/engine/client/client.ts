import type { Readable } from 'node:stream';
import {
  FILE_ROUTES,
  JOBS,
  type Job,
  type JobName,
  type JobResults,
  type PipelineSummary,
  type PresetSummary,
  VitrineError,
  deadlineExceeded,
  isConfidential,
  linksOf,
  mapLimit,
} from '../../contracts';
import { pause } from './clock';
import type { Engines } from './engines';
import { NotTaken, type Payload, request } from './transfer';
import type { Engine } from './transport';
import type { EngineClient, EngineJob, JobOptions, JobRequest, JobSource } from './types';

const DEFAULT_TIMEOUT_SECONDS = 600;
/** Four heartbeats of an engine, and a half. */
const SILENCE_SECONDS = 45;
/** Files that are deleted at a time. */
const DELETED_AT_ONCE = 8;
/** Milliseconds for each. */
const DELETE_MS = 5_000;
/** What stands before the route of a file in the path of its link. */
const BASE_PATH = new RegExp(`^.*(?=/(${FILE_ROUTES.join('|')})/)`);

/** A client of some engines, whichever they are. */
export function clientOf(engines: Engines, silenceSeconds = SILENCE_SECONDS): EngineClient {
  return {
    run,
    models: () => engines.models(),
    presets: () => engines.list<PresetSummary>('/presets'),
    pipelines: () => engines.list<PipelineSummary>('/pipelines'),
    health: () => engines.health(),
  };

  async function run<J extends JobName>(
    name: J,
    request: JobRequest<J>,
    { signal, onProgress, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: JobOptions = {},
  ): Promise<EngineJob<J>> {
    const payload = payloadOf(name, request);
    if (payload.secrets) refuseOpenLines(engines.urls);
    const deadline = new Deadline(timeoutSeconds);
    const either = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
    try {
      const { engine, result } = await engines.submit<JobResults[J]>(name, payload, {
        signal: either,
        silenceSeconds,
        onProgress: (event) => {
          // The engine starts its own clock anew while a model is being fetched.
          if (event.stage === 'download') deadline.restart();
          onProgress?.(event);
        },
      });
      return finished(engine, name, result, timeoutSeconds);
    } catch (error) {
      if (either.aborted) throw VitrineError.from(either.reason);
      throw error;
    } finally {
      deadline.end();
    }
  }
}

/** Aborts its signal with DEADLINE_EXCEEDED. */
class Deadline {
  private readonly passed = new AbortController();
  private over = new AbortController();

  constructor(private readonly seconds: number) {
    this.start();
  }

  get signal(): AbortSignal {
    return this.passed.signal;
  }

  restart(): void {
    this.end();
    this.start();
  }

  end(): void {
    this.over.abort();
  }

  private start(): void {
    this.over = new AbortController();
    const abort = () => this.passed.abort(deadlineExceeded(this.seconds));
    // Rejected only when it is ended in time.
    pause(this.seconds * 1000, this.over.signal).then(abort, () => undefined);
  }
}

/** @throws VitrineError FORBIDDEN where a secret could be read on the way */
function refuseOpenLines(urls: readonly string[]): void {
  const open = urls.find((url) => !isConfidential(url));
  if (open) throw unguarded(open);
}

function payloadOf<J extends JobName>(name: J, request: JobRequest<J>): Payload {
  const params = { ...request.params, ...request.callback };
  const secrets = request.secrets?.reveal() ?? {};
  const job: Job = JOBS[name];
  const files = 'files' in request ? (request.files as Record<string, JobSource | undefined>) : {};
  const { many } = request;
  return { job, params, files, many, ...(Object.keys(secrets).length && { secrets }) };
}

function finished<J extends JobName>(
  engine: Engine,
  name: J,
  result: JobResults[J],
  timeoutSeconds: number,
): EngineJob<J> {
  const links = linksOf(name, result);
  // Asked of the engine that did the work, whatever public address its links carry.
  const path = (link: string) => new URL(link).pathname.replace(BASE_PATH, '');
  return {
    result,
    async download(artifact) {
      const link = links[artifact];
      if (!link) throw noArtifact(artifact);
      return fetchFile(engine, path(link), timeoutSeconds);
    },
    async discard() {
      const made = Object.values<string | undefined>(links).filter((link) => link !== undefined);
      // A file that stays is deleted by the engine after its time to live.
      await mapLimit(made, DELETED_AT_ONCE, undefined, (link) =>
        request(engine, path(link), { method: 'DELETE', signal: AbortSignal.timeout(DELETE_MS) }).then(
          ({ body }) => void body.resume(),
          () => undefined,
        ),
      );
    },
  };
}

/** @throws VitrineError DEADLINE_EXCEEDED, also out of the stream, where it does not come to its end in time */
async function fetchFile(engine: Engine, path: string, timeoutSeconds: number): Promise<Readable> {
  const deadline = new Deadline(timeoutSeconds);
  const asking = new AbortController();
  let body: Readable | undefined;
  deadline.signal.addEventListener('abort', () => {
    const { reason } = deadline.signal as { reason: Error };
    // The stream is ended by hand: whoever sent the request would end it with an error of his own.
    if (body) body.destroy(reason);
    else asking.abort(reason);
  });
  try {
    body = (await request(engine, path, { signal: asking.signal })).body;
    return body.once('close', () => deadline.end());
  } catch (error) {
    deadline.end();
    throw error instanceof NotTaken ? error.reason : error;
  }
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
