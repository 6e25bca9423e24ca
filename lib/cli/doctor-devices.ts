import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cudaLibrary, deviceStates, thisHost, type Host } from '../runtime';
import type { Finding } from './finding';

const run = promisify(execFile);
/** Of onnxruntime's Linux builds. */
const OLDEST_GLIBC = [2, 28];

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
  const [major, minor] = version.split('.').map(Number);
  const enough = major > OLDEST_GLIBC[0] || (major === OLDEST_GLIBC[0] && minor >= OLDEST_GLIBC[1]);
  return enough
    ? { check: 'libc', status: 'ok', detail: `glibc ${version}` }
    : {
        check: 'libc',
        status: 'warn',
        detail: `glibc ${version}: onnxruntime needs ${OLDEST_GLIBC.join('.')}`,
        next: 'Use a newer system; until then networks run in WebAssembly, about five times slower.',
      };
}

function glibcVersion(): string | null {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ?? null;
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

/**
 * The libraries of CUDA and cuDNN that onnxruntime's CUDA provider loads; nothing where that provider is not installed.
 * @param list what the dynamic linker finds for a library, as `ldd` prints it
 */
export async function cuda(
  host: Host = thisHost(),
  list: (library: string) => Promise<string> = linked,
): Promise<Finding[]> {
  const library = cudaLibrary(host);
  if (!library) return [];
  const lost = [...(await list(library)).matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name);
  if (!lost.length) {
    return [{ check: 'cuda', status: 'ok', detail: 'every library of the CUDA provider is found' }];
  }
  return [
    {
      check: 'cuda',
      status: 'warn',
      detail: `libraries not found: ${lost.join(', ')}`,
      next: 'Install the CUDA 12 runtime, cuBLAS, cuFFT and cuDNN 9 (docs/gpu.md names the packages), or put their folder on LD_LIBRARY_PATH.',
    },
  ];
}

async function linked(library: string): Promise<string> {
  return (await run('ldd', [library], { timeout: 10_000 })).stdout;
}
