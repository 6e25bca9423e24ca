import type {
  Config,
  FilesOf,
  JobName,
  JobParams,
  JobResults,
  Links,
  Progress,
  Secrets,
} from '../../contracts';
import type { WorkerPool } from '../workers';

/** A file of several of one name: what it was called, and its path in the job's folder. */
export interface SentFile {
  name: string;
  path: string;
}

/** What a job is given to run with, by the server or the terminal. */
export interface JobRun<J extends JobName> {
  config: Config;
  pool: WorkerPool;
  params: JobParams<J>;
  secrets: Secrets;
  /** Paths of the files that came with it. */
  files: FilesOf<J, string>;
  /** Files of which several may come, by their fields. */
  sent?: Readonly<Record<string, readonly SentFile[]>>;
  /** The job's own; removed when it has been answered. */
  folder: string;
  signal: AbortSignal;
  onProgress(event: Progress): void;
  /** Told of what went wrong in a part of the job, for the log only. */
  onDefect(error: unknown): void;
}

/** What a job has made. */
export interface JobDone<J extends JobName> {
  /** Paths in the job's folder. */
  artifacts: Links<J>;
  /** Goes into the names of the kept files; letters, digits and hyphens. */
  label?: string;
  /** @param links where each artifact lies now */
  result(links: Links<J>): JobResults[J];
}

export type Handlers = { [J in JobName]: (run: JobRun<J>) => Promise<JobDone<J>> };
