import type { Readable } from 'node:stream';
import type {
  ArtifactOf,
  CallbackParamsInput,
  FilesOf,
  JobName,
  JobParamsInput,
  JobResults,
  LoadedModel,
  ModelSummary,
  PipelineSummary,
  PresetSummary,
  Progress,
  Secrets,
} from '../../contracts';

/** A picture to upload. `open` may be called again when another engine has to take over. */
export interface Upload {
  open(): Readable | Promise<Readable>;
  fileName: string;
  mimeType: string;
  /** Bytes, where known. */
  size?: number;
}

/**
 * A picture to upload as one of many of its field; its name says what it is, in parts with slashes between, each as
 * `encodeURIComponent` writes it.
 */
export type NamedUpload = Upload;

/** What a job works on: an upload, a public URL that the engine downloads, or a path on the engine's machine. */
export type JobSource = Upload | { url: string } | { path: string };

/** What a job is asked with; see its row in lib/contracts/jobs.ts. */
export type JobRequest<J extends JobName> = {
  params: JobParamsInput<J>;
  /** Whom the engine calls when it is done; for jobs that have a background route. */
  callback?: CallbackParamsInput;
  /** Sent to engines of this machine, or through TLS. */
  secrets?: Secrets;
  /** Files of which a job takes several, by their fields. */
  many?: Record<string, readonly NamedUpload[]>;
} & (keyof FilesOf<J, JobSource> extends never ? object : { files: FilesOf<J, JobSource> });

export interface JobOptions {
  signal?: AbortSignal;
  onProgress?(event: Progress): void;
  /** Seconds for the whole job, waiting included. */
  timeoutSeconds?: number;
}

/** A finished job whose files still lie on the engine that did it. */
export interface EngineJob<J extends JobName> {
  result: JobResults[J];
  /** @throws VitrineError NOT_FOUND when the job made no such file; DEADLINE_EXCEEDED after as long as the job had */
  download(artifact: ArtifactOf<J>): Promise<Readable>;
  /** Deletes the files on the engine; never throws. */
  discard(): Promise<void>;
}

export interface EngineHealth {
  service: string;
  version: string;
  status: 'ok';
  /** Unique to a running engine. */
  instance: string;
  /** HMAC-SHA256 with the token, where the question brought a challenge and an embedded engine answers. */
  proof?: string;
  /** What its clock says, in ISO 8601. */
  time?: string;
  devices?: { device: string; usable: boolean; reason?: string; next?: string }[];
  configuration?: { max_queue: number; requests_per_minute: number };
  /** The device that is tried first, and the networks that workers hold ready. */
  device: string;
  models_loaded: LoadedModel[];
  /** Ids of the models whose files are there; undefined until a worker has looked. */
  models?: string[];
  /** Jobs in a worker, jobs waiting for one, and jobs that are on their way. */
  queue: { running: number; waiting: number; coming?: number };
  /**
   * By job: what its lane has to do, how many processes do it, the seconds of one of them that such a job takes, and the
   * seconds since it took the last of them.
   */
  jobs?: Partial<
    Record<JobName, { running: number; waiting: number; workers: number; seconds?: number; age?: number }>
  >;
  /** Of the disk of the jobs' folders or of the results, whichever has less; null where it cannot be told. */
  disk_free_bytes?: number | null;
  /** What goes wrong beside the jobs, such as a log that cannot be written; empty while all is well. */
  problems: string[];
}

export interface EngineClientOptions {
  /** Remote engines; none: this host's embedded engine, started when needed. */
  urls?: string[];
  token?: string;
  /** Told about things that take a while or went another way: "Starting the engine", "Trying the next engine". */
  onNotice?(message: string): void;
  /** Seconds without a sign of life, which an engine gives every ten, after which it counts as lost; default: 45. */
  silenceSeconds?: number;
}

export interface EngineClient {
  /**
   * Runs a job to its end.
   * @throws VitrineError what the job threw; FORBIDDEN when a secret would have to cross a network without TLS
   */
  run<J extends JobName>(job: J, request: JobRequest<J>, options?: JobOptions): Promise<EngineJob<J>>;
  /** The models of the engines that answer, or the packaged list; starts nothing. */
  models(): Promise<ModelSummary[]>;
  /** The presets of a running engine; undefined where none runs on this machine. Starts nothing. */
  presets(): Promise<PresetSummary[] | undefined>;
  /** The ways to vary pictures of a running engine; undefined where none runs on this machine. Starts nothing. */
  pipelines(): Promise<PipelineSummary[] | undefined>;
  /** Health of the first engine of the list that answers; starts nothing. */
  health(): Promise<EngineHealth>;
}
