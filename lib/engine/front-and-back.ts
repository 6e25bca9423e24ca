import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Config,
  GEMINI_URL,
  PROCESS_OUTPUTS,
  type ProcessOutput,
  type ProcessRequest,
  type ProcessResult,
  type ProcessSide,
  type Progress,
  type RemoveResult,
  type Secrets,
  VitrineError,
  deadlineExceeded,
  parse,
  removeParams,
  throwIfAborted,
} from '../contracts';
import { editPicture } from '../providers';
import type { WorkerPool } from './workers';

/** Pixels of the longer side of a picture that Gemini is sent: its largest answers are little larger. */
const GEMINI_MAX_SIDE = 3072;
/** Milliseconds until a cut is offered again to a full queue. */
const ROOM_MS = 500;

export interface FrontAndBackJob {
  pool: WorkerPool;
  config: Config;
  request: ProcessRequest;
  secrets: Secrets;
  /** The job's own. */
  folder: string;
  signal: AbortSignal;
  onProgress(event: Progress): void;
  /** Brings a picture into `folder` and answers with its path. */
  fetch(source: string, folder: string): Promise<string>;
}

/** What a job made, in its folder, and what failed. */
export interface FrontAndBack {
  made: Partial<Record<ProcessOutput, RemoveResult>>;
  /** The Gemini model that cleaned the pictures up first. */
  cleanedUpBy: string | null;
  failures: Partial<Record<ProcessOutput, VitrineError>>;
  seconds: number;
}

/**
 * Cuts a product's front and back, each with two networks at the same time. A picture is fetched, and cleaned up where
 * there is a prompt, only once; one that fails, or a network that fails, costs only the outputs that need it. When a
 * clean-up fails, its picture's outputs fail: an uncleaned picture would pass for a cleaned one.
 * @throws VitrineError KEY_MISSING, QUEUE_FULL; the signal's reason; where nothing at all was made, the first failure
 *   with the words of all
 */
export async function frontAndBack(job: FrontAndBackJob): Promise<FrontAndBack> {
  const { request, config, secrets, signal, pool } = job;
  const started = performance.now();
  const key = secrets.reveal().gemini_api_key ?? config.secrets.reveal().gemini_api_key;
  if (request.prompt && !key) throw keyMissing();
  pool.admit();
  const model = request.gemini_model ?? config.geminiModel;
  const ready = async (source: string, folder: string) => {
    await mkdir(folder);
    const file = await job.fetch(source, folder);
    return request.prompt ? cleanUp(job, file, folder, { key: key!, model, prompt: request.prompt }) : file;
  };
  const pictures = new Map<string, Promise<string>>();
  const done: FrontAndBack = {
    made: {},
    failures: {},
    cleanedUpBy: request.prompt ? model : null,
    seconds: 0,
  };
  const wanted = PROCESS_OUTPUTS.filter((output) => request.output[sideOf(output)] !== undefined);
  const report = overall(wanted, job.onProgress);

  await Promise.all(
    wanted.map(async (output) => {
      const source = request.output[sideOf(output)]!;
      try {
        report(output, { stage: request.prompt ? 'clean up' : 'fetch', fraction: 0 });
        const picture = pictures.get(source) ?? ready(source, join(job.folder, sideOf(output)));
        pictures.set(source, picture);
        done.made[output] = await cut(job, await picture, output, (event) => report(output, event));
      } catch (error) {
        done.failures[output] = VitrineError.from(error);
      }
      report(output, { stage: 'encode', fraction: 1 });
    }),
  );
  throwIfAborted(signal);
  if (!Object.keys(done.made).length) throw nothingMade(wanted, done.failures);
  return { ...done, seconds: (performance.now() - started) / 1000 };
}

/**
 * The job's answer.
 * @param links where each output that was made lies now
 */
export function processResult(
  { id }: ProcessRequest,
  { made, failures, cleanedUpBy, seconds }: FrontAndBack,
  links: Partial<Record<ProcessOutput, string>>,
): ProcessResult {
  const outputs = PROCESS_OUTPUTS.filter((output) => made[output]);
  const failed = PROCESS_OUTPUTS.filter((output) => failures[output]);
  return {
    id,
    front_rmbg: links.front_rmbg ?? null,
    front_birefnet: links.front_birefnet ?? null,
    back_rmbg: links.back_rmbg ?? null,
    back_birefnet: links.back_birefnet ?? null,
    processing_time_seconds: Math.round(seconds * 100) / 100,
    errors: Object.fromEntries(failed.map((output) => [output, failures[output]!.toJSON()])),
    models: Object.fromEntries(
      outputs.map((output) => [output, { model: made[output]!.model, device: made[output]!.device }]),
    ),
    cleaned_up_by: cleanedUpBy,
    warnings: outputs.flatMap((output) => made[output]!.warnings.map((text) => `${output}: ${text}`)),
  };
}

function sideOf(output: ProcessOutput): ProcessSide {
  return output.startsWith('front') ? 'front' : 'back';
}

async function cut(
  { pool, request, folder: job, signal }: FrontAndBackJob,
  file: string,
  output: ProcessOutput,
  onProgress: (event: Progress) => void,
): Promise<RemoveResult> {
  const { rmbg_model, birefnet_model, device, strict_device } = request;
  const folder = join(job, output);
  await mkdir(folder);
  const params = parse(removeParams, {
    model: output.endsWith('rmbg') ? rmbg_model : birefnet_model,
    device,
    strict_device,
    // The product as it is: the seed service changed nothing about it either.
    enhance_fg: false,
    format: 'png',
  });
  return whenThereIsRoom(signal, () => pool.run('remove', { file, folder, params }, { signal, onProgress }));
}

async function cleanUp(
  { pool, config, signal }: FrontAndBackJob,
  file: string,
  folder: string,
  gemini: { key: string; model: string; prompt: string },
): Promise<string> {
  const prepared = await whenThereIsRoom(signal, () =>
    pool.run('prepare', { file, folder, maxSide: GEMINI_MAX_SIDE }, { signal }),
  );
  const { mimeType, width, height } = prepared;
  const picture = { data: await readFile(prepared.file), mimeType, longerSide: Math.max(width, height) };
  const { geminiUrl: url, allowHosts } = config;
  const own = url === GEMINI_URL ? [] : [new URL(url).hostname];
  const deadline = new AbortController();
  const { jobTimeoutSeconds: seconds } = config;
  const timer = setTimeout(() => deadline.abort(deadlineExceeded(seconds)), seconds * 1000);
  const edited = await editPicture(picture, {
    ...gemini,
    url,
    allowHosts: [...allowHosts, ...own],
    signal: AbortSignal.any([signal, deadline.signal]),
  }).finally(() => clearTimeout(timer));
  const cleaned = join(folder, 'cleaned');
  await writeFile(cleaned, edited);
  return cleaned;
}

/** An admitted job has up to four cuts: they wait for a full queue rather than fail, lest paid work is lost. */
async function whenThereIsRoom<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof VitrineError) || error.code !== 'QUEUE_FULL') throw error;
    }
    await sleep(ROOM_MS, undefined, { signal });
  }
}

/** Makes one progress of several: the mean of their fractions, the words of the one that moved. */
function overall(outputs: ProcessOutput[], onProgress: (event: Progress) => void) {
  const fractions = new Map<ProcessOutput, number>();
  return (output: ProcessOutput, { stage, fraction, message = stage }: Progress) => {
    fractions.set(output, Math.max(fraction, fractions.get(output) ?? 0));
    const sum = [...fractions.values()].reduce((total, each) => total + each, 0);
    onProgress({ stage, fraction: sum / outputs.length, message: `${output}: ${message}` });
  };
}

/** Every failure in so many words, equal ones once; code, hint and time of the first. */
function nothingMade(wanted: ProcessOutput[], failures: FrontAndBack['failures']): VitrineError {
  const errors = wanted.map((output) => failures[output]!);
  const said = (texts: string[]) => [...new Set(texts)].join(' ');
  const messages = errors.map(({ message }, index) => {
    const same = wanted.filter((_, other) => errors[other].message === message);
    return same[0] === wanted[index] ? `${same.join(', ')}: ${message}.` : '';
  });
  return new VitrineError(
    {
      code: errors[0].code,
      message: `No picture could be made. ${said(messages.filter(Boolean))}`,
      hint: said(errors.map(({ hint }) => hint)),
      retryAfter: errors[0].retryAfter,
    },
    { cause: errors[0].cause },
  );
}

function keyMissing(): VitrineError {
  return new VitrineError({
    code: 'KEY_MISSING',
    message: 'The prompt asks for a clean-up by Gemini, and there is no Gemini key',
    hint: 'Send secrets.gemini_api_key with the job, start the engine with GEMINI_API_KEY, or leave the prompt out.',
  });
}
