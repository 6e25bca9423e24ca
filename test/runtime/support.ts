import type { Device } from '../../lib/contracts';
import { SessionPool, type Host, type RunDevice, type Runtime, type Tensor } from '../../lib/runtime';
import { nativeRuntime, type NativeOptions } from '../../lib/runtime/ort';
import type { Graph, SessionOptions } from '../../lib/runtime/session';

export interface OpenOptions extends Graph, SessionOptions {
  device: Device;
  strictDevice?: boolean;
  allowed?: readonly RunDevice[];
}

/** Opens one graph in a pool of its own; the session is the caller's to release. */
export async function openGraph({ device, strictDevice, allowed, ...options }: OpenOptions) {
  const { modelFile } = options;
  const { sessions, warnings } = await new SessionPool(options).get({
    graphs: async () => ({ graph: options }),
    key: modelFile,
    device,
    strictDevice,
    allowed,
  });
  return { session: sessions.graph, warnings };
}

/** A machine with these paths; the folder of onnxruntime's libraries is `/ort`. */
export function host(platform: NodeJS.Platform, arch: string, paths: string[] = []): Host {
  return { platform, arch, providerFolder: '/ort', exists: (path) => paths.includes(path) };
}

export const linux = host('linux', 'x64');
export const CUDA_LIBRARY = '/ort/libonnxruntime_providers_cuda.so';
export const nvidia = host('linux', 'x64', ['/dev/nvidia0', CUDA_LIBRARY]);

interface FakeRuntime extends Runtime {
  /** Options of every attempt to create a session. */
  created: NativeOptions[];
  /** Outputs asked for by each run. */
  fetched: string[][];
  released: number;
}

/** A runtime without native code; `fail` throws for the first provider of an attempt when that shall not work. */
export function fakeRuntime(fail: (provider: string) => void = () => undefined): FakeRuntime {
  const fake: FakeRuntime = {
    created: [],
    fetched: [],
    released: 0,
    async create(_file, options) {
      fake.created.push(options);
      fail(String(options.executionProviders![0]));
      return {
        inputMetadata: [{ name: 'x', isTensor: true, type: 'float32', shape: ['n', 3] }],
        outputMetadata: [
          { name: 'y', isTensor: true, type: 'float32', shape: ['n', 1] },
          { name: 'z', isTensor: true, type: 'float32', shape: ['n', 1] },
        ],
        async run(_feeds: unknown, fetches: unknown) {
          fake.fetched.push(fetches as string[]);
          return { y: { type: 'float32', data: new Float32Array([1]), dims: [1, 1] } as never };
        },
        async release() {
          fake.released++;
        },
      };
    },
    tensor: (value) => value as never,
  };
  return fake;
}

/** What the graph of a network that makes mattes says of itself. */
export function matteMetadata(side: number) {
  const info = (name: string, channels: number) => ({
    name,
    isTensor: true as const,
    type: 'float32' as const,
    shape: [1, channels, side, side],
  });
  return { inputMetadata: [info('input', 3)], outputMetadata: [info('output', 1)] };
}

export function libraryMissing(...providers: string[]): (provider: string) => void {
  return (provider) => {
    if (providers.includes(provider)) throw new Error(`${provider}: Failed to load shared library`);
  };
}

/**
 * onnxruntime on the CPU posing as a card, so that real graphs compute; `sizes` are the batch sizes of its runs, and
 * `fail` says why a run of that size shall fail.
 */
export function card(fail: (size: number) => string | undefined = () => undefined) {
  const sizes: number[] = [];
  const runtime: Runtime = {
    tensor: nativeRuntime.tensor,
    async create(file, options, weightFiles) {
      const cpu = { ...options, executionProviders: ['cpu'] };
      const native = await nativeRuntime.create(file, cpu, weightFiles);
      return {
        inputMetadata: native.inputMetadata,
        outputMetadata: native.outputMetadata,
        release: () => native.release(),
        async run(feeds: Record<string, Tensor>, outputs: string[]) {
          const [size] = Object.values(feeds)[0].dims;
          sizes.push(size);
          const reason = fail(size);
          // A run takes a while, and others come to wait.
          await new Promise(setImmediate);
          if (reason) throw new Error(reason);
          return native.run(feeds as never, outputs);
        },
      } as never;
    },
  };
  return { runtime, sizes };
}
