import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { VitrineError } from '../contracts';
import { DEVICE_TABLE, thisHost, type Host, type RunDevice } from './devices';
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

/** What one device runs of a network. */
export interface Graph {
  /** An ONNX file. */
  modelFile: string;
  /** Files in its folder that it may keep weights in. */
  weightFiles?: readonly string[];
  /** Default `all`; some graphs break under it. */
  optimisation?: Optimisation;
  /** What the reader should know of the choice. */
  warnings?: readonly string[];
}

export interface SessionOptions {
  /** Threads for one operation; 0 or nothing: one per core available to this process. */
  threads?: number;
  /** Default: onnxruntime in this very thread, which blocks it. */
  runtime?: Runtime;
  host?: Host;
}

/** What a run feeds and fetches only where the graph knows the name: exports of one network differ. */
export interface Optional<Name extends string> {
  feeds?: Record<string, Tensor>;
  outputs?: readonly Name[];
}

/**
 * Opens a graph on exactly this device.
 * @throws VitrineError MODEL_MISSING, INVALID_MODEL or DEVICE_UNAVAILABLE
 */
export async function openOn(
  device: RunDevice,
  { modelFile, weightFiles = [], optimisation = 'all' }: Graph,
  options: SessionOptions,
): Promise<Session> {
  const { runtime = defaultRuntime, host = thisHost() } = options;
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
    const native = await runtime.create(
      modelFile,
      {
        executionProviders: row.providers,
        // A fixed number keeps onnxruntime from pinning threads to cores, which containers forbid.
        intraOpNumThreads: options.threads || availableParallelism(),
        graphOptimizationLevel: optimisation,
        enableMemPattern: false,
        logSeverityLevel: 3,
      },
      weightFiles,
    );
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

/** A loaded graph on one device. Made and released by a `SessionPool`. */
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
   * Runs the graph and fetches these outputs only. With the default runtime the event loop is blocked meanwhile.
   * @param feeds a tensor for each input, by name. They belong to the run: their buffers may be empty afterwards, so
   *   what is needed again is fed as a copy. float16 is fed and answered as its bits in a Uint16Array, int64 as a
   *   BigInt64Array
   * @param outputs names of at least one output
   * @param optional more feeds and outputs, left out where the graph does not know their names
   * @throws VitrineError INVALID_MODEL when the graph refuses the feeds, lacks an input or output or breaks;
   *   DEVICE_UNAVAILABLE when the device's memory is used up
   */
  async run<Output extends string, Maybe extends string = never>(
    feeds: Record<string, Tensor>,
    outputs: readonly Output[],
    optional: Optional<Maybe> = {},
  ): Promise<Record<Output, Tensor> & Partial<Record<Maybe, Tensor>>> {
    if (this.released) throw new Error(`Session of ${this.modelFile} used after release`);
    const { inputNames, outputNames } = this;
    const strange = Object.keys(feeds).find((name) => !inputNames.includes(name));
    if (strange !== undefined) throw this.broken(`it has no input ${strange}, only ${inputNames.join(', ')}`);
    const absent = outputs.find((name) => !outputNames.includes(name));
    if (absent !== undefined) throw this.broken(`it has no output ${absent}, only ${outputNames.join(', ')}`);

    const known = Object.entries(optional.feeds ?? {}).filter(([name]) => inputNames.includes(name));
    const tensors = Object.fromEntries(
      [...Object.entries(feeds), ...known].map(([name, value]) => [name, this.runtime.tensor(value)]),
    );
    const more = (optional.outputs ?? []).filter((name) => outputNames.includes(name));
    const run = this.native.run(tensors, [...outputs, ...more]);
    this.running.add(run);
    try {
      const answers = Object.entries(await run).map(([name, answer]) => {
        const { type, dims } = answer;
        return [name, { type, data: tensorData(answer), dims }];
      });
      return Object.fromEntries(answers) as Record<Output, Tensor> & Partial<Record<Maybe, Tensor>>;
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
