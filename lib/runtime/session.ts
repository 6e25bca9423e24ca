import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { VitrineError, type Device } from '../contracts';
import { DEVICE_TABLE, thisHost, type Host, type RunDevice } from './devices';
import { onBestDevice } from './fallback';
import { firstLine, tensorData, type LoadedGraph, type Runtime, type Tensor, type TensorType } from './ort';
import { portable } from './wasm';

const defaultRuntime = portable();

/** How far onnxruntime may rewrite a graph before it runs. */
export const OPTIMISATIONS = ['all', 'extended', 'basic', 'disabled'] as const;
export type Optimisation = (typeof OPTIMISATIONS)[number];

/** An input or output of a graph, as its metadata has it. */
export interface TensorInfo {
  name: string;
  type: TensorType;
  /** Sizes; a string is the name of a size that the graph leaves open. */
  shape: readonly (number | string)[];
}

export interface SessionOptions {
  /** An ONNX file. */
  modelFile: string;
  /** Threads for one operation; 0 or nothing: one per core available to this process. */
  threads?: number;
  /** Default `all`; some graphs break under it. */
  optimisation?: Optimisation;
  runtime?: Runtime;
  host?: Host;
}

export interface OpenSessionOptions extends SessionOptions {
  device: Device;
  /** Fail instead of falling back to another device. */
  strictDevice?: boolean;
  /** Devices that the network runs on; default: all. */
  allowed?: readonly RunDevice[];
}

/** A session together with what its reader should know about the choice of device. */
export interface OpenedSession {
  session: Session;
  /** Says which device was wanted, why it was not used, and how to mend that; empty when nothing fell back. */
  warnings: string[];
}

/**
 * Opens a network on the best device that works for the request.
 * @throws VitrineError MODEL_MISSING, INVALID_MODEL, or DEVICE_UNAVAILABLE when no device (strict: the device) works
 */
export async function openSession(options: OpenSessionOptions): Promise<OpenedSession> {
  const { value, warnings } = await onBestDevice(options, (device) => openOn(device, options));
  return { session: value, warnings: [...warnings, ...value.notices] };
}

/**
 * Opens a network on exactly this device.
 * @throws VitrineError MODEL_MISSING, INVALID_MODEL or DEVICE_UNAVAILABLE
 */
export async function openOn(device: RunDevice, options: SessionOptions): Promise<Session> {
  const { modelFile, runtime = defaultRuntime, host = thisHost() } = options;
  if (!existsSync(modelFile)) {
    throw new VitrineError({
      code: 'MODEL_MISSING',
      message: `Model file not found: ${modelFile}`,
      hint: 'Put the file there, or choose another model.',
    });
  }
  const row = DEVICE_TABLE[device];
  const missing = row.missing(host);
  if (missing) throw unavailable(device, missing);
  try {
    const native = await runtime.create(modelFile, {
      executionProviders: row.providers,
      // A fixed number keeps onnxruntime from pinning threads to cores, which containers forbid.
      intraOpNumThreads: options.threads || availableParallelism(),
      graphOptimizationLevel: options.optimisation ?? 'all',
      enableMemPattern: false,
      logSeverityLevel: 3,
    });
    return new Session(native, runtime, device, modelFile);
  } catch (error) {
    if (error instanceof VitrineError) throw error;
    const reason = firstLine(error).replaceAll(modelFile, basename(modelFile));
    if (isMemoryError(reason)) throw outOfMemory(device, modelFile, reason, error);
    if (device !== 'cpu' && !isGraphError(reason)) throw unavailable(device, reason, error);
    throw new VitrineError(
      {
        code: 'INVALID_MODEL',
        message: `${basename(modelFile)} is not a network that onnxruntime can load: ${reason}`,
        hint: 'Download or export the file again; it may be incomplete, or use operators newer than onnxruntime 1.30 knows.',
      },
      { cause: error },
    );
  }
}

/** A loaded network on one device. Made by `openSession` or a `SessionPool`; whoever made it releases it. */
export class Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** What the reader should know of how it runs, such as a slower substitute. */
  readonly notices: readonly string[];
  private readonly running = new Set<Promise<unknown>>();
  private released?: Promise<void>;

  constructor(
    private readonly native: LoadedGraph,
    private readonly runtime: Runtime,
    readonly device: RunDevice,
    readonly modelFile: string,
  ) {
    this.inputs = native.inputMetadata.flatMap(tensorInfo);
    this.outputs = native.outputMetadata.flatMap(tensorInfo);
    this.notices = native.notice ? [native.notice] : [];
  }

  get inputNames(): string[] {
    return this.inputs.map(({ name }) => name);
  }

  get outputNames(): string[] {
    return this.outputs.map(({ name }) => name);
  }

  /**
   * Runs the network and fetches one output only. The event loop is blocked meanwhile.
   * @param feeds a tensor for each input, by name
   * @throws VitrineError INVALID_MODEL when the graph refuses the feeds, lacks the output or breaks;
   *   DEVICE_UNAVAILABLE when the device's memory is used up
   */
  async run(feeds: Record<string, Tensor>, outputName: string): Promise<Tensor> {
    if (this.released) throw new Error(`Session of ${this.modelFile} used after release`);
    if (!this.outputNames.includes(outputName)) {
      throw this.broken(`it has no output ${outputName}, only ${this.outputNames.join(', ')}`);
    }
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [name, this.runtime.tensor(value)]),
    );
    const run = this.native.run(tensors, [outputName]);
    this.running.add(run);
    try {
      const answer = (await run)[outputName];
      return { type: answer.type, data: tensorData(answer), dims: answer.dims };
    } catch (error) {
      throw this.failure(error);
    } finally {
      this.running.delete(run);
    }
  }

  /** Frees the memory once the runs under way have ended; more calls change nothing. */
  release(): Promise<void> {
    return (this.released ??= Promise.allSettled(this.running).then(() => this.native.release()));
  }

  private failure(error: unknown): VitrineError {
    const reason = firstLine(error);
    return isMemoryError(reason)
      ? outOfMemory(this.device, this.modelFile, reason, error)
      : this.broken(reason, error);
  }

  private broken(reason: string, cause?: unknown): VitrineError {
    return new VitrineError(
      {
        code: 'INVALID_MODEL',
        message: `${basename(this.modelFile)} failed on ${this.device}: ${reason}`,
        hint: "Compare the model's entry in the registry (family, input, output) with the graph.",
      },
      { cause },
    );
  }
}

/** onnxruntime reports an unreadable graph and an unusable provider through the same plain errors. */
function isGraphError(reason: string): boolean {
  return /load model from|protobuf|invalid_graph|invalid model/i.test(reason);
}

function isMemoryError(reason: string): boolean {
  return /out of memory|failed to allocate|smaller than requested bytes|ALLOC_FAILED|bad_alloc|E_OUTOFMEMORY|8007000E/i.test(
    reason,
  );
}

function outOfMemory(device: RunDevice, modelFile: string, reason: string, cause: unknown): VitrineError {
  return new VitrineError(
    {
      code: 'DEVICE_UNAVAILABLE',
      message: `The memory of ${device} is used up by ${basename(modelFile)}: ${reason}`,
      hint: 'End other programs that use it, run fewer jobs at once, or choose a smaller model or the device cpu.',
    },
    { cause },
  );
}

function unavailable(device: RunDevice, reason: string, cause?: unknown): VitrineError {
  return new VitrineError(
    {
      code: 'DEVICE_UNAVAILABLE',
      message: `The device ${device} cannot be used: ${reason}`,
      hint: DEVICE_TABLE[device].remedy + (device === 'cpu' ? '' : ' Or choose the device auto or cpu.'),
    },
    { cause },
  );
}

function tensorInfo(value: LoadedGraph['inputMetadata'][number]): TensorInfo[] {
  return value.isTensor ? [{ name: value.name, type: value.type, shape: value.shape }] : [];
}
