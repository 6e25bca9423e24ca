import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { VitrineError } from '../contracts';

export type ExecutionProvider = Ort.InferenceSession.ExecutionProviderConfig;
export type NativeOptions = Ort.InferenceSession.SessionOptions;
export type NativeSession = Pick<
  Ort.InferenceSession,
  'inputMetadata' | 'outputMetadata' | 'run' | 'release'
>;
export type TensorType = Ort.Tensor.Type;
export type TensorData = Exclude<Ort.Tensor.DataType, string[]>;

/** Values in row-major order: `data.length` is the product of `dims`. */
export interface Tensor {
  type: TensorType;
  data: TensorData;
  dims: readonly number[];
}

/** A graph as a runtime holds it. */
export interface LoadedGraph extends NativeSession {
  /** What the reader should know of how it runs, such as a slower substitute. */
  notice?: string;
}

/** The two things asked of onnxruntime; injected by the tests. */
export interface Runtime {
  /**
   * Loads a graph; throws when a provider or the graph cannot be used.
   * @param weightFiles files in the graph's folder that it may keep weights in
   */
  create(modelFile: string, options: NativeOptions, weightFiles: readonly string[]): Promise<LoadedGraph>;
  tensor(value: Tensor): Ort.Tensor;
}

const nativeRequire = createRequire(__filename);
let loaded: typeof Ort | undefined;

/** onnxruntime-node, loaded at the first call: importing this module must never load native code. */
export const nativeRuntime: Runtime = {
  // It finds the files of weights by itself.
  create: async (modelFile, options) => load().InferenceSession.create(modelFile, options),
  tensor: (value) => makeTensor(load(), value),
};

/** @param ort onnxruntime-node or onnxruntime-web */
export function makeTensor(ort: Pick<typeof Ort, 'Tensor'>, { type, data, dims }: Tensor): Ort.Tensor {
  const tensor = new ort.Tensor(type, data as Ort.Tensor.DataType, dims);
  // Where there is a Float16Array (Node 24), a tensor hides its bits in one, and onnxruntime's native side does not
  // know that class: it is shown the same bits as a Uint16Array.
  if (tensor.data !== data && type === 'float16') Object.defineProperty(tensor, 'data', { value: data });
  return tensor;
}

/** The values of an answer; float16 always as its bits in a Uint16Array. */
export function tensorData(tensor: Pick<Ort.Tensor, 'type' | 'data'>): TensorData {
  const data = tensor.data as TensorData;
  if (tensor.type !== 'float16' || data instanceof Uint16Array) return data;
  const { buffer, byteOffset, length } = data;
  return new Uint16Array(buffer, byteOffset, length);
}

/** Of onnxruntime's own library on Linux, which onnxruntime-node's binding asks the system's linker for. */
const LIBRARY = 'libonnxruntime.so.1';

/**
 * Folder of the build of onnxruntime that this process loads instead of the package's own; undefined where that is
 * not so.
 * @param path LD_LIBRARY_PATH as this process was started with it
 */
export function otherBuild(path: string | undefined = process.env.LD_LIBRARY_PATH): string | undefined {
  if (process.platform !== 'linux' || !path) return undefined;
  return path.split(delimiter).find((folder) => folder && existsSync(join(folder, LIBRARY)));
}

/** Folder of the shared libraries that come with onnxruntime-node, or undefined when the package is not there. */
export function providerFolder(): string | undefined {
  try {
    const bin = join(dirname(nativeRequire.resolve('onnxruntime-node')), '..', 'bin');
    const napi = readdirSync(bin).find((name) => name.startsWith('napi-'));
    return napi && join(bin, napi, process.platform, process.arch);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'MODULE_NOT_FOUND' || code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @throws VitrineError DEVICE_UNAVAILABLE where onnxruntime-node cannot be loaded */
function load(): typeof Ort {
  try {
    return (loaded ??= nativeRequire('onnxruntime-node') as typeof Ort);
  } catch (error) {
    throw new VitrineError(
      {
        code: 'DEVICE_UNAVAILABLE',
        message: `onnxruntime-node cannot be loaded on ${process.platform}/${process.arch}: ${firstLine(error)}`,
        hint: 'It needs glibc 2.28 or newer (not Alpine), Windows, or an Apple-silicon Mac. Use the model plain, or connect to an engine on such a machine.',
      },
      { cause: error },
    );
  }
}

/** What a card's library says, inside of onnxruntime's account of its own C++ functions. */
const CARD_FAILURE = /\b(?:CUDA|CUDNN|CUBLAS|CUFFT|CURAND)\w* failure \d+: [^;\n]+/;

/** The first line of what was thrown, or the card's own words where there are any; 300 characters at most. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const words = CARD_FAILURE.exec(text)?.[0] ?? text;
  return words.split('\n', 1)[0].trim().slice(0, 300);
}
