import type { FastifyRequest } from 'fastify';
import {
  type ArtifactOf,
  type Config,
  type FilesOf,
  JOBS,
  type Job,
  type JobName,
  type JobResults,
  type Links,
  type Progress,
  VitrineError,
  artifactOf,
  readJobRequest,
  throwIfAborted,
} from '../../contracts';
import { dataFolder } from '../data-file';
import { type JobDone, type JobRun, checks, handlers, withStatus } from '../jobs';
import type { Answer } from './answer';
import { type Ending, callbackTarget } from './callbacks';
import type { Engine } from './engine';
import type { JobRecord } from './job-record';
import { fetchFiles, receive } from './receive';

/** Who asked for a job. */
interface Caller {
  /** Aborted when he hangs up before he was answered. */
  signal: AbortSignal;
  onProgress?(event: Progress): void;
  /**
   * Given by those who do not wait for the end: called when the job is here and can be begun. From then on it does not
   * depend on the caller any more.
   */
  onTaken?(jobId: string): void;
}

/** A job that its caller may ask about, or that calls back. */
interface Watched {
  record: JobRecord;
  callBack?: (ending: Ending) => void;
}

/** What a job has made, where callers find it. */
interface Made<J extends JobName> {
  result: JobResults[J];
  links: Links<J>;
  /** The name of its picture in the output folder. */
  picture?: string;
}

/**
 * A job from its request to its end, whatever the job: receive, check, run, keep what it made, call back.
 * @throws VitrineError whatever keeps it from its end; where `onTaken` was called its record has it, too
 */
export async function runJob<J extends JobName>(
  engine: Engine,
  name: J,
  request: FastifyRequest,
  caller: Caller,
): Promise<Answer> {
  const { config, pool, log } = engine;
  const job: Job = JOBS[name];
  let watched: Watched | undefined;
  try {
    const { result, links, picture } = await engine.job(name, async (folder, arrived) => {
      const { files, addresses, sent, body } = await receive(request, job, folder, config, caller.signal);
      const { params, secrets, callback } = readJobRequest(name, body);
      await findFolders(job, params, config);
      const target = callbackTarget(callback, secrets, config);
      if (caller.onTaken || target) {
        const given = Object.keys({ ...files, ...addresses }) as (keyof FilesOf<J, string> & string)[];
        await checks[name]?.({ config, pool, params, secrets, given });
        const record = engine.records.open(name, callback);
        watched = { record, callBack: target && engine.callbacks.promise(record, target) };
        caller.onTaken?.(record.jobId);
      }
      const signal = AbortSignal.any(caller.onTaken ? [engine.cutOff] : [engine.cutOff, caller.signal]);
      const run: JobRun<J> = {
        ...{ config, pool, params, secrets, folder, signal },
        files: files as FilesOf<J, string>,
        sent,
        onProgress: (event) => {
          watched?.record.advance(event);
          caller.onProgress?.(event);
        },
        onDefect: (error) => log.error({ err: error }, 'Defect in a part of a job'),
      };
      return withStatus(job, run, async () => {
        Object.assign(files, await fetchFiles(addresses, job, folder, config, run));
        arrived();
        const done = await handlers[name](run);
        throwIfAborted(signal);
        // What others fetch stays, whether the caller is still there or not.
        return keep(engine, name, request, done, watched ? new AbortController().signal : signal);
      });
    });
    engine.metrics.observeStages(name, result);
    if (!watched) return { result, picture };
    const { record, callBack } = watched;
    const told = { jobId: record.jobId, ...result };
    record.finish({ result: told });
    callBack?.({ outputUrl: links[job.picture as ArtifactOf<J>] });
    return { result: { ...told, warnings: [...result.warnings, ...record.warnings] }, picture };
  } catch (thrown) {
    if (!watched) throw thrown;
    const error = VitrineError.from(thrown);
    watched.record.finish({ error });
    watched.callBack?.({ error });
    throw error;
  }
}

/** Brings the folders that a request names to where they are, once it is known that they may be named. */
async function findFolders({ folders = [] }: Job, params: object, { dataRoots }: Config): Promise<void> {
  const named = params as Record<string, unknown>;
  for (const field of folders) {
    const path = named[field];
    if (typeof path === 'string') named[field] = await dataFolder(field, path, dataRoots);
  }
}

/** Takes over what a job made, and names the places in its result. */
async function keep<J extends JobName>(
  { outputs, config }: Engine,
  name: J,
  request: FastifyRequest,
  done: JobDone<J>,
  signal: AbortSignal,
): Promise<Made<J>> {
  const job: Job = JOBS[name];
  const made = Object.keys(done.artifacts) as ArtifactOf<J>[];
  const files = made.map((artifact) => ({
    ...artifactOf(job, artifact)!,
    file: done.artifacts[artifact]!,
    label: done.label,
  }));
  const names = await outputs.keep(files, signal);
  const base = `${publicBase(request, config)}/${job.fileRoute}`;
  const links = Object.fromEntries(
    made.map((artifact, index) => [artifact, `${base}/${names[index]}`]),
  ) as Links<J>;
  const picture = names[made.findIndex((artifact) => artifact === job.picture)];
  return { result: done.result(links), links, picture };
}

/** The address at which the caller reaches this engine: BASE_URL, or where the request came in. */
function publicBase(request: FastifyRequest, config: Config): string {
  return config.baseUrl ?? `${request.protocol}://${request.host}`;
}
