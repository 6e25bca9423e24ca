import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import type * as Ort from 'onnxruntime-web';
import { builtFile, VitrineError } from '../contracts';
import { firstLine, makeTensor, nativeRuntime, type LoadedGraph, type Runtime } from './ort';

const nativeRequire = createRequire(__filename);
let loaded: typeof Ort | undefined;

/** The build copies the few files of the package that Node needs: all of it is 139 MB. */
const ENTRY = builtFile('lib/runtime/onnxruntime-web/ort.node.min.js');

/** onnxruntime-web: the same networks in WebAssembly, wherever Node runs. CPU only, and about five times slower. */
const wasmRuntime: Runtime = {
  async create(modelFile, options, weightFiles) {
    const ort = load();
    // Read once, by the first session.
    ort.env.wasm.numThreads = options.intraOpNumThreads;
    ort.env.logLevel = 'error';
    const graph = await readFile(modelFile);
    const session = await ort.InferenceSession.create(graph, {
      ...options,
      executionProviders: ['wasm'],
      externalData: await Promise.all(
        weightFiles.map(async (file) => ({ path: basename(file), data: await readFile(file) })),
      ),
    });
    return session as LoadedGraph;
  },
  tensor: (value) => makeTensor(load(), value),
};

function load(): typeof Ort {
  return (loaded ??= nativeRequire(ENTRY) as typeof Ort);
}

/**
 * onnxruntime-node, and where that cannot be loaded (musl, such as Alpine) WebAssembly in its place for the CPU, said
 * in the graph's notice.
 */
export function portable(native: Runtime = nativeRuntime, wasm: Runtime = wasmRuntime): Runtime {
  let current = native;
  return {
    async create(modelFile, options, weightFiles) {
      try {
        return await native.create(modelFile, options, weightFiles);
      } catch (error) {
        const missing = error instanceof VitrineError && error.code === 'DEVICE_UNAVAILABLE';
        if (!missing || options.executionProviders?.[0] !== 'cpu') throw error;
        const graph = await substitute(() => wasm.create(modelFile, options, weightFiles), error);
        current = wasm;
        return graph;
      }
    },
    tensor: (value) => current.tensor(value),
  };
}

async function substitute(create: () => Promise<LoadedGraph>, reason: VitrineError): Promise<LoadedGraph> {
  try {
    const graph = await create();
    const notice = `${reason.message}. The network runs in WebAssembly instead, about five times slower. ${reason.hint}`;
    return Object.assign(graph, { notice });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new VitrineError(
      {
        code: 'DEVICE_UNAVAILABLE',
        message: `${reason.message}; nor can onnxruntime-web: ${firstLine(error)}`,
        hint: reason.hint,
      },
      { cause: error },
    );
  }
}
