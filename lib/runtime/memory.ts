import { execFile } from 'node:child_process';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { RunDevice } from './devices';

const run = promisify(execFile);

/** Megabytes that this process may take: the machine's, or those of the container around it. */
export function memoryLimitMb(): number {
  const limit = process.constrainedMemory() || Infinity;
  return Math.min(totalmem(), limit) / 1e6;
}

/**
 * Megabytes of the card's memory that this process holds, as the driver's own tool tells it.
 * @returns undefined where nothing tells: other devices than cuda, or no nvidia-smi, or a container that hides processes
 */
export async function deviceMemory(
  device: RunDevice,
  ask: (file: string, args: string[]) => Promise<string> = tool,
): Promise<number | undefined> {
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
