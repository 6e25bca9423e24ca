import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import {
  CUDA_PACK,
  cudaLibrary,
  cudaState,
  deviceStates,
  DRIVER_LIBRARY,
  glibcVersion,
  type Host,
  isOldGlibc,
  OLDEST_GLIBC,
  probeCuda,
  thisHost,
} from '../runtime';
import type { Finding } from './finding';

const run = promisify(execFile);

/**
 * Which C library this is: onnxruntime's native builds are made for glibc.
 * @param version of glibc, null on musl
 */
export function libc(version: string | null = glibcVersion()): Finding {
  if (process.platform !== 'linux') return { check: 'libc', status: 'ok', detail: 'the one of the system' };
  if (version === null) {
    return {
      check: 'libc',
      status: 'warn',
      detail: 'musl: networks run in WebAssembly, about five times slower, and on the CPU only',
      next: 'For full speed run the engine on a glibc system such as Debian and name it in the credential Vitrine Engine.',
    };
  }
  return isOldGlibc(version)
    ? {
        check: 'libc',
        status: 'warn',
        detail: `glibc ${version}: onnxruntime needs ${OLDEST_GLIBC}`,
        next: 'Use a newer system; until then networks run in WebAssembly, about five times slower.',
      }
    : { check: 'libc', status: 'ok', detail: `glibc ${version}` };
}

/** Devices that networks can run on here; a card that cannot be used is worth a warning, a machine without one is not. */
export function devices(host: Host = thisHost()): Finding {
  const states = deviceStates(host);
  const usable = states.filter(({ missing }) => missing === undefined).map(({ device }) => device);
  const idle = states.find(({ present, missing }) => present && missing !== undefined);
  const detail = `networks can run on ${usable.join(', ')}`;
  if (!idle) return { check: 'devices', status: 'ok', detail };
  return {
    check: 'devices',
    status: 'warn',
    detail: `${detail}; ${idle.device} cannot be used: ${idle.missing}`,
    next: idle.remedy,
  };
}

/** How `cuda` looks; injected by the tests. */
interface Looks {
  /** What the dynamic linker finds for a library, as `ldd` prints it. */
  list(library: string): Promise<string>;
  probe: typeof probeCuda;
}

/**
 * Whether networks really run on CUDA: nothing where its libraries are not installed, which `devices` tells of.
 * @param home VITRINE_HOME
 */
export async function cuda(
  home: string,
  host: Host = thisHost(home),
  { list, probe }: Looks = { list: linked, probe: probeCuda },
): Promise<Finding[]> {
  const { state, folder, reason } = cudaState(home);
  if (state === 'outdated' || state === 'damaged') {
    return [{ check: 'cuda', status: 'warn', detail: `${folder} is ${state}: ${reason}`, next: AGAIN }];
  }
  const library = cudaLibrary(host);
  if (!library) return [];
  const listed = await list(library);
  const version = /libcublas\.so\.(\d+)/.exec(listed)?.[1] ?? String(CUDA_PACK.cuda);
  const names = [...listed.matchAll(/^\s*(lib(?:cu|nv)\S+) =>/gm)].map(([, name]) => name);
  const { lost, cuda: failure } = await probe(dirname(library), [...names, ...loadedByName(version)]);
  if (!lost.length && failure === undefined) {
    return [{ check: 'cuda', status: 'ok', detail: `a network ran on the card (CUDA ${version})` }];
  }
  const detail = lost.length
    ? `libraries not found: ${lost.join(', ')}`
    : `no network runs on it: ${failure}`;
  return [{ check: 'cuda', status: 'warn', detail, next: remedy(lost, version) }];
}

const AGAIN = 'Run "vitrine gpu install" again.';

/** What onnxruntime loads when it comes to it, which the linker's list does not hold. */
function loadedByName(version: string): string[] {
  return ['libcudnn.so.9', version === '12' ? 'libcufft.so.11' : 'libcufft.so.12'];
}

function remedy(lost: string[], version: string): string {
  const driver = `Install NVIDIA's driver for CUDA ${version}${version === String(CUDA_PACK.cuda) ? `, ${CUDA_PACK.driver} or newer` : ''}; in a container, start it with the card (--gpus all).`;
  if (!lost.length) return 'Check with nvidia-smi that the card is there and that its memory is free.';
  if (lost.every((name) => name === DRIVER_LIBRARY)) return driver;
  return `Run "vitrine gpu install", which brings all but the driver; or put the folder of CUDA ${version} and cuDNN 9 on LD_LIBRARY_PATH (docs/gpu.md).`;
}

async function linked(library: string): Promise<string> {
  const env = { ...process.env, LD_LIBRARY_PATH: dirname(library) };
  return (await run('ldd', [library], { env, timeout: 10_000 })).stdout;
}
