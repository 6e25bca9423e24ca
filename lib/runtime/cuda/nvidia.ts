import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VitrineError } from '../../contracts';
import type { CudaPack } from './pack';

const run = promisify(execFile);

/** NVIDIA's driver and cards, as far as they can be seen. */
export interface Nvidia {
  /** Version of the driver, such as `580.159.04`; undefined where none is loaded. */
  driver?: string;
  cards: Card[];
}

export interface Card {
  name: string;
  /** Compute capability, such as 8.6. */
  capability?: number;
}

/** How the driver's own tool is asked; injected by the tests. */
type Ask = (args: string[]) => Promise<string>;

const DRIVER_FOLDER = '/proc/driver/nvidia';
const KERNEL_MODULE = /Kernel Module(?: for \S+)?\s+(\d+(?:\.\d+)+)/;

/**
 * What nvidia-smi says, and where it is missing or fails the kernel's own account of the driver.
 * @param folder where the kernel tells of the driver
 */
export async function lookForNvidia(ask: Ask = nvidiaSmi, folder = DRIVER_FOLDER): Promise<Nvidia> {
  for (const columns of ['driver_version,name,compute_cap', 'driver_version,name']) {
    const text = await ask([`--query-gpu=${columns}`, '--format=csv,noheader']).catch(() => '');
    const rows = text
      .split('\n')
      .map((line) => line.split(',').map((cell) => cell.trim()))
      .filter(([driver]) => /^\d+\./.test(driver));
    if (rows.length) return { driver: rows[0][0], cards: rows.map(cardOf) };
  }
  const version = await readFile(join(folder, 'version'), 'utf8').catch(() => '');
  return { driver: KERNEL_MODULE.exec(version)?.[1], cards: await cardsOfKernel(join(folder, 'gpus')) };
}

/**
 * What keeps CUDA from ever running with this driver and these cards; undefined where nothing does, as far as can be
 * seen: a machine without any may be one that an image is built on.
 */
export function obstacle({ driver, cards }: Nvidia, pack: CudaPack): VitrineError | undefined {
  if (driver !== undefined && Number.parseInt(driver, 10) < pack.driver) {
    return new VitrineError({
      code: 'DEVICE_UNAVAILABLE',
      message: `The NVIDIA driver ${driver} is too old: CUDA ${pack.cuda} needs ${pack.driver} or newer`,
      hint: `Update the driver and run "vitrine gpu install" again. Until then networks run on the CPU; the device webgpu works with this driver where its Vulkan part is installed.`,
    });
  }
  const known = cards.filter(({ capability }) => capability !== undefined);
  if (known.length && known.every(({ capability }) => capability! < pack.capability)) {
    const [{ name, capability }] = known;
    return new VitrineError({
      code: 'DEVICE_UNAVAILABLE',
      message: `${name} has compute capability ${capability!.toFixed(1)}, and CUDA ${pack.cuda} needs ${pack.capability} or more`,
      hint: 'Cards from the GeForce 16 and 20 series on can be used. Networks run on the CPU here; the device webgpu works where the Vulkan part of the driver is installed.',
    });
  }
  return undefined;
}

function cardOf([, name, capability]: string[]): Card {
  const number = Number.parseFloat(capability);
  return { name, ...(Number.isFinite(number) && { capability: number }) };
}

async function cardsOfKernel(folder: string): Promise<Card[]> {
  const names = await readdir(folder).catch(() => []);
  const texts = names.map((name) => readFile(join(folder, name, 'information'), 'utf8').catch(() => ''));
  return (await Promise.all(texts)).map((text) => ({
    name: /^Model:\s*(.+)$/m.exec(text)?.[1].trim() ?? 'an NVIDIA card',
  }));
}

async function nvidiaSmi(args: string[]): Promise<string> {
  return (await run('nvidia-smi', args, { timeout: 20_000 })).stdout;
}
