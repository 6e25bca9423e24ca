import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { throwIfAborted, VitrineError, withFolderLock } from '../../contracts';
import { CUDA_PACK, downloadBytes, unpackedBytes, type CudaPack, type Wheel } from './pack';
import { fetchWheel, unpackWheel, type Pip, type PipRun } from './pip';
import { DRIVER_LIBRARY, probeCuda, type Probed } from './probe';
import { cudaFolder, cudaState, manifestFile, manifestOf, stagingFolder } from './store';

/** Bytes that others may need meanwhile. */
const SPARE = 200e6;
/** Folder of wheels that came whole. */
const WHEELS = 'wheels';

export interface InstallOptions {
  /** VITRINE_HOME */
  home: string;
  pip: Pip;
  signal: AbortSignal;
  /** @param bytes of `total` that have come, of all wheels together */
  onDownload(bytes: number, total: number): void;
  /** What is done next, one sentence without an end; called before each longer step but downloads. */
  onStep(step: string): void;
  /** What is installed; default: what this version needs. */
  pack?: CudaPack;
  /** How the libraries are tried; default: they are really loaded. */
  probe?: typeof probeCuda;
}

/**
 * Brings the libraries of CUDA into a home: each wheel by pip, its hash compared, unpacked beside their folder, tried,
 * and given their name when all of them are whole. What another run fetched before it ended is used; where everything
 * is there already, nothing is done.
 * @throws VitrineError DISK_FULL, DOWNLOAD_FAILED, DEVICE_UNAVAILABLE where they do not load, CANCELLED; errors of the
 *   file system
 */
export async function installCuda(options: InstallOptions): Promise<void> {
  const { home, pack = CUDA_PACK, signal, onStep, probe = probeCuda } = options;
  const staging = stagingFolder(home);
  let waits = false;
  const onWait = () => {
    if (!waits) onStep('Waiting for another installation into the same home');
    waits = true;
  };
  await withFolderLock(staging, { signal, mode: 0o700, onWait }, async (held) => {
    if (cudaState(home, pack).state === 'ready') return;
    try {
      await gather({ ...options, pack, probe, signal: held }, staging);
    } finally {
      await clear(staging);
    }
  });
  await rm(staging, { recursive: true, force: true });
}

/** Really loads what is installed. */
export function tryCuda(home: string): Promise<Probed> {
  return probeCuda(cudaFolder(home), librariesOf(CUDA_PACK));
}

/**
 * Takes everything away that an installation leaves, unfinished ones too.
 * @returns the bytes that are free again
 */
export async function removeCuda(home: string): Promise<number> {
  const { folder } = cudaState(home);
  const staging = stagingFolder(home);
  const bytes = (await sizeOf(folder)) + (await sizeOf(staging));
  // Out of use first, at once: a half would not do.
  await rename(folder, `${folder}.gone`).catch((error) => ignoreAbsence(error));
  for (const each of [`${folder}.gone`, staging, `${staging}.lock`]) {
    await rm(each, { recursive: true, force: true });
  }
  return bytes;
}

/** Bytes of downloads that an unfinished installation has left for the next to go on with. */
export function leftoverBytes(home: string): Promise<number> {
  return sizeOf(join(stagingFolder(home), WHEELS));
}

type Gathering = InstallOptions & Required<Pick<InstallOptions, 'pack' | 'probe'>>;

async function gather(options: Gathering, staging: string): Promise<void> {
  const { home, pack, pip, signal, onDownload, onStep, probe } = options;
  const temp = join(staging, `temp-${process.pid}`);
  const whole = join(staging, 'whole');
  await clear(staging);
  const kept = await keptWheels(pack, staging);
  await checkSpace(home, pack, kept);
  const use: PipRun = { pip, temp, signal };
  let done = 0;
  for (const wheel of pack.wheels) {
    onDownload(done, downloadBytes(pack));
    if (!kept.has(wheel.name)) {
      kept.set(
        wheel.name,
        await fetchOne(wheel, staging, use, (bytes) => onDownload(done + bytes, downloadBytes(pack))),
      );
    }
    done += wheel.bytes;
  }
  onDownload(done, downloadBytes(pack));
  const files: Record<string, number> = {};
  await mkdir(whole);
  for (const [i, wheel] of pack.wheels.entries()) {
    onStep(`Unpacking ${wheel.name} ${wheel.version} (${i + 1} of ${pack.wheels.length})`);
    Object.assign(files, await unpackOne(wheel, kept.get(wheel.name)!, whole, use));
  }
  onStep('Checking that they load');
  judge(await probe(whole, librariesOf(pack)), pack);
  throwIfAborted(signal);
  await writeFile(manifestFile(whole), JSON.stringify(manifestOf(pack, files), null, 2));
  await rm(cudaFolder(home), { recursive: true, force: true });
  await rename(whole, cudaFolder(home));
}

/** Everything but wheels that came whole is begun anew: what was being written may be half. */
async function clear(staging: string): Promise<void> {
  for (const name of await readdir(staging)) {
    if (name !== WHEELS) await rm(join(staging, name), { recursive: true, force: true });
  }
}

/** The wheels of an earlier run, whose content is as it should be, by their names. */
async function keptWheels({ wheels }: CudaPack, staging: string): Promise<Map<string, string>> {
  const kept = new Map<string, string>();
  const folder = join(staging, WHEELS);
  const wanted = wheels.map(({ name, version }) => `${name}-${version}`);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!wanted.includes(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
  for (const wheel of wheels) {
    const place = placeOf(wheel, staging);
    const [name] = await readdir(place).catch(() => []);
    const file = name && join(place, name);
    if (file && (await isWhole(wheel, file))) kept.set(wheel.name, file);
    else await rm(place, { recursive: true, force: true });
  }
  return kept;
}

async function isWhole({ bytes, sha256 }: Wheel, file: string): Promise<boolean> {
  if ((await stat(file)).size !== bytes) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex') === sha256;
}

/** Under a name of this process, so that a pip whose run was killed writes nowhere that counts. */
async function fetchOne(
  wheel: Wheel,
  staging: string,
  use: PipRun,
  onBytes: (bytes: number) => void,
): Promise<string> {
  await mkdir(use.temp, { recursive: true });
  const file = await fetchWheel(wheel, join(use.temp, 'wheel'), use, onBytes);
  if (!(await isWhole(wheel, file))) throw unlike(wheel);
  const place = placeOf(wheel, staging);
  await mkdir(dirname(place), { recursive: true });
  await rename(dirname(file), place);
  await rm(use.temp, { recursive: true, force: true });
  return join(place, file.slice(dirname(file).length + 1));
}

/** @returns bytes of the libraries by their names */
async function unpackOne(
  wheel: Wheel,
  file: string,
  whole: string,
  use: PipRun,
): Promise<Record<string, number>> {
  const unpacked = join(use.temp, 'unpacked');
  await mkdir(use.temp, { recursive: true });
  await unpackWheel(wheel, file, unpacked, use);
  const sizes: Record<string, number> = {};
  for (const [name, path] of Object.entries(wheel.libraries)) {
    await rename(join(unpacked, path), join(whole, name));
    sizes[name] = (await stat(join(whole, name))).size;
  }
  await rm(use.temp, { recursive: true, force: true });
  return sizes;
}

/** Wheels and libraries lie side by side for a moment. */
async function checkSpace(home: string, pack: CudaPack, kept: Map<string, string>): Promise<void> {
  const missing = pack.wheels.filter(({ name }) => !kept.has(name));
  const needed = downloadBytes({ ...pack, wheels: missing }) + unpackedBytes(pack) + SPARE;
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new VitrineError({
    code: 'DISK_FULL',
    message: `Installing CUDA takes ${gigabytes(needed)} GB on the disk of ${home}, of which ${gigabytes(unpackedBytes(pack))} GB stay, and ${gigabytes(free)} GB are free`,
    hint: 'Free some space, or set VITRINE_HOME to another disk, for n8n and the engine as well.',
  });
}

/** @throws VitrineError DEVICE_UNAVAILABLE where more is missing than a driver or a card */
function judge({ lost, cpu }: Probed, { onnxruntime }: CudaPack): void {
  const broken = lost.filter((name) => name !== DRIVER_LIBRARY);
  if (!broken.length && cpu === undefined) return;
  throw new VitrineError({
    code: 'DEVICE_UNAVAILABLE',
    message: broken.length
      ? `Libraries do not load on this system: ${broken.join(', ')}`
      : `onnxruntime ${onnxruntime} for CUDA does not run on this system: ${cpu}`,
    hint: 'Run "vitrine doctor"; it needs glibc 2.28 or newer. Nothing was changed.',
  });
}

function librariesOf({ wheels }: CudaPack): string[] {
  const all = wheels.flatMap(({ libraries }) => Object.keys(libraries));
  // The provider's own file asks for onnxruntime's shared part, which only onnxruntime loads for it.
  return [...all.filter((name) => !name.startsWith('libonnxruntime')), DRIVER_LIBRARY];
}

function placeOf({ name, version }: Wheel, staging: string): string {
  return join(staging, WHEELS, `${name}-${version}`);
}

function unlike({ name, version }: Wheel): VitrineError {
  return new VitrineError({
    code: 'DOWNLOAD_FAILED',
    message: `pip brought ${name} ${version} with another content than was published`,
    hint: 'Look which index pip uses (pip config list), and run "vitrine gpu install" again.',
  });
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(({ parentPath, name }) => stat(join(parentPath, name)).then(({ size }) => size));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
