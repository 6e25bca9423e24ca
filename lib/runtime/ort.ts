import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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

/** The two things asked of onnxruntime; injected by the tests. */
export interface Runtime {
  /** Loads a graph; throws when a provider or the graph cannot be used. */
  create(modelFile: string, options: NativeOptions): Promise<NativeSession>;
  tensor(value: Tensor): Ort.Tensor;
}

const nativeRequire = createRequire(__filename);
let loaded: typeof Ort | undefined;

/** onnxruntime-node, loaded at the first call: importing this module must never load native code. */
export const nativeRuntime: Runtime = {
  create: async (modelFile, options) => load().InferenceSession.create(modelFile, options),
  tensor: ({ type, data, dims }) => new (load().Tensor)(type, data as Ort.Tensor.DataType, dims),
};

/** Folder of onnxruntime's shared libraries for this platform, or undefined when the package is not there. */
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

/** The first line of what was thrown, 300 characters at most. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0].trim().slice(0, 300);
}
