import type { Readable } from 'node:stream';
import type {
  LoadedModel,
  ModelSummary,
  ProcessOutput,
  ProcessRequestInput,
  ProcessResult,
  Progress,
  RemoveParamsInput,
  RemoveResult,
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

/** What a job works on: an upload, or a public URL that the engine downloads. */
export type JobSource = Upload | { url: string };

export interface JobOptions {
  signal?: AbortSignal;
  onProgress?(event: Progress): void;
  /** Seconds for the whole job, waiting included. */
  timeoutSeconds?: number;
}

/** A finished job whose files still lie on the engine that did it. */
export interface EngineJob<Result, Artifact extends string = 'output' | 'mask'> {
  result: Result;
  /** @throws VitrineError NOT_FOUND when the job made no such file */
  download(artifact: Artifact): Promise<Readable>;
  /** Deletes the files on the engine; never throws. */
  discard(): Promise<void>;
}

export interface EngineHealth {
  service: string;
  version: string;
  status: 'ok';
  /** Unique to a running engine. */
  instance: string;
  /** The device that is tried first, and the networks that workers hold ready. */
  device: string;
  models_loaded: LoadedModel[];
  /** Jobs in a worker, and jobs waiting for one. */
  queue: { running: number; waiting: number };
}

export interface EngineClientOptions {
  /** Remote engines; none: this host's embedded engine, started when needed. */
  urls?: string[];
  token?: string;
  /** Told about things that take a while or went another way: "Starting the engine", "Trying the next engine". */
  onNotice?(message: string): void;
}

export interface EngineClient {
  remove(
    source: JobSource,
    params: RemoveParamsInput,
    options?: JobOptions,
  ): Promise<EngineJob<RemoveResult>>;
  /**
   * Front and back of a product, which the engine downloads.
   * @throws VitrineError FORBIDDEN when a secret would have to cross a network without TLS
   */
  process(
    request: ProcessRequestInput,
    secrets?: Secrets,
    options?: JobOptions,
  ): Promise<EngineJob<ProcessResult, ProcessOutput>>;
  /** The models of a running engine, or the packaged list; starts nothing. */
  models(): Promise<ModelSummary[]>;
  /** Health of the first engine that answers; starts nothing. */
  health(): Promise<EngineHealth>;
}
