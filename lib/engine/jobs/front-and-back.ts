import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  FRONT_AND_BACK_OUTPUTS,
  type FrontAndBackOutput,
  type FrontAndBackParams,
  type FrontAndBackResult,
  GEMINI_URL,
  type Links,
  type Progress,
  type RemoveResult,
  VitrineError,
  fileSafeId,
  parse,
  removeParams,
  throwIfAborted,
} from '../../contracts';
import { editPicture } from '../../providers';
import { download } from '../download';
import { hostsFor, keyOf } from '../generators/key';
import { whenThereIsRoom } from '../when-there-is-room';
import { withDeadline } from './deadline';
import type { JobDone, JobRun } from './types';

/** Pixels of the longer side of a picture that Gemini is sent: its largest answers are little larger. */
const GEMINI_MAX_SIDE = 3072;

type Run = JobRun<'front-and-back'>;
type Side = keyof FrontAndBackParams['output'];

/** What became of the outputs. */
interface Outcome {
  made: Partial<Record<FrontAndBackOutput, RemoveResult>>;
  /** The Gemini model that cleaned the pictures up first. */
  cleanedUpBy: string | null;
  failures: Partial<Record<FrontAndBackOutput, VitrineError>>;
  seconds: number;
}

/**
 * Cuts a product's front and back, each with two networks at the same time. A picture is fetched, and cleaned up where
 * there is a prompt, only once; one that fails, or a network that fails, costs only the outputs that need it. When a
 * clean-up fails, its picture's outputs fail: an uncleaned picture would pass for a cleaned one.
 * @param fetch brings a picture into `folder` and answers with its path; default: downloads it
 * @throws VitrineError KEY_MISSING; the signal's reason; where nothing at all was made, the first failure
 *   with the words of all
 */
export async function frontAndBack(
  job: Run,
  fetch: (source: string, folder: string) => Promise<string> = async (url, folder) =>
    (await download(url, folder, job.config, job.signal)).file,
): Promise<JobDone<'front-and-back'>> {
  const { params, config, signal } = job;
  const started = performance.now();
  const key = keyOf('gemini_api_key', job);
  if (params.prompt && !key) throw keyMissing();
  const model = params.gemini_model ?? config.geminiModel;
  const ready = async (source: string, folder: string) => {
    await mkdir(folder);
    const file = await fetch(source, folder);
    return params.prompt ? cleanUp(job, file, folder, { key: key!, model, prompt: params.prompt }) : file;
  };
  const pictures = new Map<string, Promise<string>>();
  const outcome: Outcome = { made: {}, failures: {}, cleanedUpBy: params.prompt ? model : null, seconds: 0 };
  const wanted = FRONT_AND_BACK_OUTPUTS.filter((output) => params.output[sideOf(output)] !== undefined);
  const report = overall(wanted, job.onProgress);

  await Promise.all(
    wanted.map(async (output) => {
      const source = params.output[sideOf(output)]!;
      try {
        report(output, { stage: params.prompt ? 'clean up' : 'fetch', fraction: 0 });
        const picture = pictures.get(source) ?? ready(source, join(job.folder, sideOf(output)));
        pictures.set(source, picture);
        outcome.made[output] = await cut(job, await picture, output, (event) => report(output, event));
      } catch (error) {
        outcome.failures[output] = VitrineError.from(error);
      }
      report(output, { stage: 'encode', fraction: 1 });
    }),
  );
  throwIfAborted(signal);
  const { made, failures } = outcome;
  if (!Object.keys(made).length) throw nothingMade(wanted, failures);
  for (const { cause } of Object.values(failures)) if (cause) job.onDefect(cause);
  outcome.seconds = (performance.now() - started) / 1000;
  const files = wanted.filter((output) => made[output]);
  return {
    artifacts: Object.fromEntries(files.map((output) => [output, made[output]!.artifacts.output])),
    label: fileSafeId(params.id),
    result: (links) => answer(params, outcome, links),
  };
}

function answer(
  { id }: FrontAndBackParams,
  { made, failures, cleanedUpBy, seconds }: Outcome,
  links: Links<'front-and-back'>,
): FrontAndBackResult {
  const outputs = FRONT_AND_BACK_OUTPUTS.filter((output) => made[output]);
  const failed = FRONT_AND_BACK_OUTPUTS.filter((output) => failures[output]);
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

function sideOf(output: FrontAndBackOutput): Side {
  return output.startsWith('front') ? 'front' : 'back';
}

async function cut(
  { pool, params: asked, folder: job, signal }: Run,
  file: string,
  output: FrontAndBackOutput,
  onProgress: (event: Progress) => void,
): Promise<RemoveResult> {
  const { rmbg_model, birefnet_model, device, strict_device } = asked;
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
  return whenThereIsRoom(signal, () => pool.run('remove', { file, params }, { folder, signal, onProgress }));
}

async function cleanUp(
  { pool, config, signal }: Run,
  file: string,
  folder: string,
  gemini: { key: string; model: string; prompt: string },
): Promise<string> {
  const prepared = await whenThereIsRoom(signal, () =>
    pool.run('prepare', { file, maxSide: GEMINI_MAX_SIDE }, { folder, signal }),
  );
  const { mimeType, width, height } = prepared;
  const picture = { data: await readFile(prepared.file), mimeType, longerSide: Math.max(width, height) };
  const { geminiUrl: url, allowHosts } = config;
  const access = { ...gemini, url, allowHosts: hostsFor(url, GEMINI_URL, allowHosts) };
  const edited = await withDeadline(config.jobTimeoutSeconds, signal, (either) =>
    editPicture(picture, { ...access, signal: either }),
  );
  const cleaned = join(folder, 'cleaned');
  await writeFile(cleaned, edited);
  return cleaned;
}

/** Makes one progress of several: the mean of their fractions, the words of the one that moved. */
function overall(outputs: FrontAndBackOutput[], onProgress: (event: Progress) => void) {
  const fractions = new Map<FrontAndBackOutput, number>();
  return (output: FrontAndBackOutput, { stage, fraction, message = stage }: Progress) => {
    fractions.set(output, Math.max(fraction, fractions.get(output) ?? 0));
    const sum = [...fractions.values()].reduce((total, each) => total + each, 0);
    onProgress({ stage, fraction: sum / outputs.length, message: `${output}: ${message}` });
  };
}

/** Every failure in so many words, equal ones once; code, hint and time of the first. */
function nothingMade(wanted: FrontAndBackOutput[], failures: Outcome['failures']): VitrineError {
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
