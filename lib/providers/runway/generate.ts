import { setTimeout as sleep } from 'node:timers/promises';
import { UNPRINTABLE, type SceneCost, VitrineError, redact, throwIfAborted } from '../../contracts';
import { parseJson } from '../answer';
import { type Service, denied, failed } from '../errors';
import { callService, mayPass } from '../http';
import type { ServiceFailure, ServiceRequest } from '../types';
import { RUNWAY_PASSING, explain, pictureGone, runwayAt, taskFailed } from './errors';
import type { RunwayScene } from './scene';

const API_VERSION = '2024-11-06';
/** Seconds between two looks at a task: Runway asks for no more of them. */
const POLL_SECONDS = 5;
/** Seconds for one request, for a picture, and for what is still said to Runway after the job was cancelled. */
const [TIMEOUT_SECONDS, FETCH_SECONDS, LAST_SECONDS] = [60, 120, 10];
const ATTEMPTS = 5;
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_PICTURE_BYTES = 64 * 1024 * 1024;
/** Characters of a task's own words that are passed on. */
const MAX_WORDS = 300;

export interface RunwayOptions {
  /** Sent in a header to `url`, and to nobody else. */
  key: string;
  /** Where the API answers, without a slash at the end. */
  url: string;
  /** Where the picture is written. */
  file: string;
  /** Hosts and networks that may be reached besides public ones. */
  allowHosts: readonly string[];
  signal: AbortSignal;
  /** @param fraction 0..1 of the task */
  onProgress(message: string, fraction: number): void;
  /** Told of what went wrong while the task was given up, for the log only. */
  onDefect(error: unknown): void;
  /** Default 5, which is what Runway asks for. */
  pollSeconds?: number;
  /** For one request to the API; default 60. */
  timeoutSeconds?: number;
}

/** A scene that lies in its file, not yet looked at. */
export interface RunwaySceneMade {
  model: string;
  /** What Runway says that it cost, or else what it said before. */
  cost?: SceneCost;
}

/** The fields of Runway's answers that are read here; none is promised to be there. */
interface Task {
  id?: unknown;
  estimatedCost?: { credits?: unknown } | null;
  cost?: { credits?: unknown } | null;
  status?: unknown;
  progress?: unknown;
  output?: unknown;
  failure?: unknown;
  failureCode?: unknown;
}

/** Printable ASCII without blanks: anything else cannot be a header, and is no key of Runway's. */
const KEY = /^[\x21-\x7e]{1,512}$/;

/**
 * Has Runway make a scene: a task is begun, looked at until it has ended, and its picture fetched. A task whose job is
 * cancelled, or that cannot be followed any longer, is cancelled at Runway too.
 * @throws VitrineError PROVIDER_DENIED, PROVIDER_REJECTED, PROVIDER_BUSY, PROVIDER_FAILED; what the signal was aborted
 *   with. No message holds the key or the address of the picture.
 */
export async function generateWithRunway(
  scene: RunwayScene,
  options: RunwayOptions,
): Promise<RunwaySceneMade> {
  const service = runwayAt(options.url);
  if (!KEY.test(options.key))
    throw denied('it has blanks, line ends or other characters that no key has', service);
  const begun = await begin(scene, options, service);
  const id = idOf(begun, service);
  const estimate = creditsOf(begun.estimatedCost);
  const label = `${scene.model}${estimate ? `, about ${estimate.credits} credits` : ''}`;
  let ended = false;
  try {
    options.onProgress(`Runway: queued (${label})`, 0);
    for (;;) {
      await pause(options);
      const task = await look(id, options, service);
      ended = ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(String(task.status));
      if (ended) {
        await fetchPicture(addressOf(task, service), id, options, service);
        return { model: scene.model, cost: creditsOf(task.cost) ?? estimate };
      }
      const { words, fraction } = stateOf(task);
      options.onProgress(`Runway: ${words} (${label})`, fraction);
    }
  } catch (error) {
    if (!ended) await cancel(id, options, service);
    throw error;
  }
}

/**
 * Begins a task. It is not asked again after a broken connection, and a cancelled job waits a moment for the answer: a
 * task that nobody knows of would be paid for.
 */
async function begin(scene: RunwayScene, options: RunwayOptions, service: Service): Promise<Task> {
  throwIfAborted(options.signal);
  const patience = new AbortController();
  const lose = () => setTimeout(() => patience.abort(options.signal.reason), LAST_SECONDS * 1000).unref();
  options.signal.addEventListener('abort', lose, { once: true });
  try {
    const { body } = await callService(
      {
        ...requestOf(options, '/v1/text_to_image'),
        method: 'POST',
        json: scene,
        passes: refusedForNow,
        signal: patience.signal,
        waiting: options.signal,
      },
      (failure) => {
        const error = explain(failure, service);
        return ['broken', 'late'].includes(failure.kind) ? perhapsBegun(error) : error;
      },
    );
    return readTask(body, service);
  } finally {
    options.signal.removeEventListener('abort', lose);
  }
}

async function look(id: string, options: RunwayOptions, service: Service): Promise<Task> {
  const request = requestOf(options, `/v1/tasks/${encodeURIComponent(id)}`);
  // Nothing is done twice by looking: what came late is asked for again, too.
  const passes = (failure: ServiceFailure) =>
    failure.kind === 'refused' ? refusedForNow(failure) : failure.kind === 'late' || mayPass(failure);
  const { body } = await callService({ ...request, passes }, (failure) => explain(failure, service));
  return readTask(body, service);
}

async function cancel(id: string, options: RunwayOptions, service: Service): Promise<void> {
  const request = requestOf(options, `/v1/tasks/${encodeURIComponent(id)}`);
  const signal = AbortSignal.timeout(LAST_SECONDS * 1000);
  await callService({ ...request, method: 'DELETE', attempts: 2, signal }, (failure) =>
    explain(failure, service),
  ).catch(options.onDefect);
}

async function fetchPicture(
  url: string,
  task: string,
  options: RunwayOptions,
  service: Service,
): Promise<void> {
  const { allowHosts, signal, file } = options;
  await callService(
    {
      url,
      allowHosts,
      timeoutSeconds: FETCH_SECONDS,
      attempts: 3,
      maxBytes: MAX_PICTURE_BYTES,
      maxRedirects: 2,
      file,
      signal,
    },
    (failure) => pictureGone(failure, task, service),
  );
}

function requestOf(options: RunwayOptions, path: string): ServiceRequest {
  const { key, url, allowHosts, signal, timeoutSeconds = TIMEOUT_SECONDS } = options;
  return {
    url: url + path,
    headers: { Authorization: `Bearer ${key}`, 'X-Runway-Version': API_VERSION },
    hide: [key],
    allowHosts,
    timeoutSeconds,
    attempts: ATTEMPTS,
    maxBytes: MAX_ANSWER_BYTES,
    signal,
  };
}

async function pause({ signal, pollSeconds = POLL_SECONDS }: RunwayOptions): Promise<void> {
  await sleep(pollSeconds * 1000, undefined, { signal }).catch(() => throwIfAborted(signal));
}

function refusedForNow(failure: ServiceFailure): boolean {
  return failure.kind === 'refused' && RUNWAY_PASSING.includes(failure.status);
}

function readTask(body: Buffer, { hints }: Service): Task {
  const task = parseJson(body.toString());
  if (typeof task === 'object' && task !== null) return task as Task;
  throw failed('Runway answered with something else than JSON', hints.failed);
}

function idOf({ id }: Task, { hints }: Service): string {
  if (typeof id === 'string' && /^[\w-]{1,100}$/.test(id)) return id;
  throw failed('Runway began no task: its answer has no id', hints.failed);
}

function creditsOf(cost: Task['cost']): SceneCost | undefined {
  const credits = cost?.credits;
  return typeof credits === 'number' && credits >= 0 ? { credits } : undefined;
}

/** THROTTLED is a queue of Runway's own, and no refusal. */
function stateOf({ status, progress }: Task): { words: string; fraction: number } {
  if (status === 'RUNNING') {
    const fraction = typeof progress === 'number' ? Math.min(1, Math.max(0, progress)) : 0;
    return { words: `at work, ${Math.round(fraction * 100)} %`, fraction };
  }
  return { words: status === 'THROTTLED' ? 'queued behind other tasks of this key' : 'queued', fraction: 0 };
}

/** The address of the first picture. */
function addressOf({ status, output, failure, failureCode }: Task, service: Service): string {
  if (status !== 'SUCCEEDED') {
    const code = typeof failureCode === 'string' && /^[A-Z0-9_.]{1,80}$/.test(failureCode) ? failureCode : '';
    if (status === 'CANCELLED')
      throw failed('The task was cancelled at Runway', 'Run the job again if that was not intended.');
    throw taskFailed(code, wordsOf(failure), service);
  }
  const [url] = (Array.isArray(output) ? output : []) as unknown[];
  if (typeof url === 'string' && /^https?:\/\//.test(url)) return url;
  throw failed('Runway says that the scene is done, and sent no address of it', service.hints.failed);
}

function wordsOf(failure: unknown): string {
  if (typeof failure !== 'string') return '';
  return redact(failure).replace(UNPRINTABLE, ' ').slice(0, MAX_WORDS);
}

function perhapsBegun({ code, message, hint }: VitrineError): VitrineError {
  return new VitrineError({
    code,
    message: `${message}; it may have begun the scene, so it was not asked again`,
    hint,
  });
}
