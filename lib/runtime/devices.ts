import { existsSync } from 'node:fs';
import { DEVICES, type Device } from '../contracts';
import { CUDA_PACK, cudaState } from './cuda';
import { otherBuild, providerFolder, type ExecutionProvider } from './ort';

/** A device that a network really runs on. */
export type RunDevice = Exclude<Device, 'auto'>;

export const RUN_DEVICES = DEVICES.filter((device): device is RunDevice => device !== 'auto');

/** What the table looks at; injected by the tests. */
export interface Host {
  platform: NodeJS.Platform;
  /** `process.arch` */
  arch: string;
  /** Folder of onnxruntime's own libraries; undefined when the package is not installed. */
  providerFolder?: string;
  /** They are the build for CUDA, not the package's. */
  cudaBuild?: boolean;
  exists(path: string): boolean;
}

interface DeviceRow {
  /** onnxruntime's execution providers in order of preference; what the first cannot compute goes to the next. */
  providers: readonly ExecutionProvider[];
  /** What the device lacks on this machine, or undefined when it may be tried. */
  missing(host: Host): string | undefined;
  /** How to get what is missing, one sentence. */
  remedy: string;
}

/** The one table that maps a device to onnxruntime's providers and their needs (onnxruntime-node 1.30, README). */
export const DEVICE_TABLE: Record<RunDevice, DeviceRow> = {
  cpu: {
    providers: ['cpu'],
    missing: () => undefined,
    remedy:
      'Run the engine on glibc Linux, Windows or an Apple-silicon Mac with onnxruntime-node installed; the model plain runs everywhere.',
  },
  cuda: {
    providers: ['cuda', 'cpu'],
    missing: (host) =>
      wrongPlatform(host, ['linux/x64']) ??
      (hasNvidia(host)
        ? undefined
        : 'no NVIDIA device is visible (is the driver, or the container toolkit, installed?)') ??
      (cudaLibrary(host)
        ? undefined
        : `the CUDA libraries of onnxruntime ${CUDA_PACK.onnxruntime} are not installed (libonnxruntime_providers_cuda.so)`),
    remedy:
      'Check that nvidia-smi works there, then run "vitrine gpu install" as the user that runs n8n or the engine (docs/gpu.md); after an update of Vitrine it may have to be run again.',
  },
  webgpu: {
    providers: ['webgpu', 'cpu'],
    missing: (host) =>
      wrongPlatform(host, ['linux/x64', 'win32/x64', 'win32/arm64', 'darwin/arm64']) ??
      (host.cudaBuild ? "onnxruntime's build for CUDA, which is installed here, has no WebGPU" : undefined) ??
      (host.platform !== 'linux' || hasNvidia(host) || host.exists('/dev/dri')
        ? undefined
        : 'no graphics device is visible (/dev/dri is missing)'),
    remedy:
      'Install a Vulkan (Linux), Direct3D 12 (Windows) or Metal (Mac) driver for the graphics card; where "vitrine gpu install" was run, choose the device cuda, or run "vitrine gpu remove".',
  },
  coreml: {
    providers: ['coreml', 'cpu'],
    missing: (host) => wrongPlatform(host, ['darwin/arm64']),
    remedy: 'Run the engine on an Apple-silicon Mac.',
  },
  dml: {
    providers: ['dml', 'cpu'],
    missing: (host) => wrongPlatform(host, ['win32/x64', 'win32/arm64']),
    remedy: 'Run the engine on Windows with a DirectX 12 graphics card.',
  },
};

/**
 * What `auto` tries, best first. WebGPU is left out: with a software adapter it is slower than the CPU, and nothing
 * tells the two apart before a session exists.
 */
const AUTO_ORDER: readonly RunDevice[] = ['cuda', 'coreml', 'dml', 'cpu'];

/** Cards of one machine that are looked for. */
const MAX_CARDS = 16;

/**
 * This machine.
 * @param home VITRINE_HOME: as the workers see it that are started with its CUDA libraries; default: as this process does
 */
export function thisHost(home?: string): Host {
  const cuda = home === undefined ? undefined : cudaState(home);
  const other = cuda?.state === 'ready' ? cuda.folder : otherBuild();
  return {
    platform: process.platform,
    arch: process.arch,
    providerFolder: other ?? providerFolder(),
    cudaBuild: other !== undefined,
    exists: existsSync,
  };
}

/**
 * The devices to try for a request, best first; never empty.
 * @param allowed devices that the network runs on
 * @param strict only the first is tried
 */
export function candidates(
  device: Device,
  strict: boolean,
  allowed: readonly RunDevice[] = RUN_DEVICES,
  host: Host = thisHost(),
): RunDevice[] {
  const usable = AUTO_ORDER.filter((each) => allowed.includes(each) && isPresent(each, host));
  const list =
    device === 'auto' ? usable : [device, ...usable.filter((each) => each !== device && each === 'cpu')];
  if (!list.length) list.push(allowed[0]);
  return strict ? list.slice(0, 1) : list;
}

/** One device on this machine. */
export interface DeviceState {
  device: RunDevice;
  /** Its hardware is there, whether or not it can be used. */
  present: boolean;
  /** What it lacks; undefined when it can be used. */
  missing?: string;
  /** How to get that, one sentence. */
  remedy: string;
}

/** Every device of the table, without opening a session. */
export function deviceStates(host: Host = thisHost()): DeviceState[] {
  return RUN_DEVICES.map((device) => {
    const { missing, remedy } = DEVICE_TABLE[device];
    return { device, present: isPresent(device, host), missing: missing(host), remedy };
  });
}

/** onnxruntime's CUDA provider, where it is installed. */
export function cudaLibrary(host: Host = thisHost()): string | undefined {
  const library = `${host.providerFolder}/libonnxruntime_providers_cuda.so`;
  return host.exists(library) ? library : undefined;
}

/** A card without its library still counts: `auto` must say loudly that it cannot use it. */
function isPresent(device: RunDevice, host: Host): boolean {
  if (device === 'cuda') return !wrongPlatform(host, ['linux/x64']) && hasNvidia(host);
  return DEVICE_TABLE[device].missing(host) === undefined;
}

/**
 * The graphics cards that CUDA can use here, as CUDA_VISIBLE_DEVICES names them; empty without card or library.
 * @param visible CUDA_VISIBLE_DEVICES of this process, which holds for its children too
 */
export function cudaCards(
  host: Host = thisHost(),
  visible: string | undefined = process.env.CUDA_VISIBLE_DEVICES,
): string[] {
  if (DEVICE_TABLE.cuda.missing(host) !== undefined) return [];
  if (visible !== undefined) {
    return visible
      .split(',')
      .map((card) => card.trim())
      .filter((card) => card && card !== '-1');
  }
  const cards = Array.from({ length: MAX_CARDS }, (_, i) => String(i));
  return cards.filter((card) => host.exists(`/dev/nvidia${card}`));
}

function hasNvidia(host: Host): boolean {
  return ['/dev/nvidia0', '/dev/nvidiactl', '/usr/lib/wsl/lib/libcuda.so.1'].some((path) =>
    host.exists(path),
  );
}

function wrongPlatform(host: Host, supported: readonly string[]): string | undefined {
  const here = `${host.platform}/${host.arch}`;
  return supported.includes(here)
    ? undefined
    : `it needs ${supported.join(' or ')}, and this machine is ${here}`;
}
