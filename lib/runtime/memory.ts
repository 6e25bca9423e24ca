import { execFile } from 'node:child_process';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { RunDevice } from './devices';

const run = promisify(execFile);

/** How the driver's own tool is asked; injected by the tests. */
type Ask = (file: string, args: string[]) => Promise<string>;

/** Share of the machine's memory, or the container's, that one worker may take. */
export const WORKER_SHARE = 0.9;

/** Megabytes that this process may take: the machine's, or those of the container around it. */
export function memoryLimitMb(): number {
  const limit = process.constrainedMemory() || Infinity;
  return Math.min(totalmem(), limit) / 1e6;
}

/**
 * Megabytes that this process could still take of a device's memory.
 * @returns undefined where nothing tells: other graphics cards than NVIDIA's, or no nvidia-smi
 */
export async function freeMemoryMb(device: RunDevice, ask: Ask = tool): Promise<number | undefined> {
  // An Apple card shares the machine's memory.
  if (device === 'cpu' || device === 'coreml') {
    const own = WORKER_SHARE * memoryLimitMb() - process.memoryUsage.rss() / 1e6;
    return Math.max(0, Math.min(own, process.availableMemory() / 1e6));
  }
  if (device !== 'cuda') return undefined;
  const [card] = (process.env.CUDA_VISIBLE_DEVICES ?? '').split(',').filter((name) => name.trim());
  const which = card === undefined ? [] : ['-i', card.trim()];
  const columns = ['--query-gpu=memory.free', '--format=csv,noheader,nounits'];
  const text = await ask('nvidia-smi', [...which, ...columns]).catch(() => '');
  const mebibytes = Number.parseFloat(text);
  return Number.isFinite(mebibytes) ? (mebibytes * 2 ** 20) / 1e6 : undefined;
}

/**
 * Megabytes of the card's memory that this process holds, as the driver's own tool tells it.
 * @returns undefined where nothing tells: other devices than cuda, or no nvidia-smi, or a container that hides processes
 */
export async function deviceMemory(device: RunDevice, ask: Ask = tool): Promise<number | undefined> {
  if (device !== 'cuda') return undefined;
  const columns = ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits'];
  const lines = await ask('nvidia-smi', columns).then(
    (text) => text.split('\n'),
    () => [],
  );
  const megabytes = lines
    .map((line) => line.split(',').map(Number))
    .filter(([pid]) => pid === process.pid)
    .map(([, used]) => used)
    .filter(Number.isFinite);
  return megabytes.length ? megabytes.reduce((sum, each) => sum + each, 0) : undefined;
}

async function tool(file: string, args: string[]): Promise<string> {
  return (await run(file, args, { timeout: 5000 })).stdout;
}
