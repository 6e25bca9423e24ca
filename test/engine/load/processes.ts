import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Processes whose command line names `text` (Linux). */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid && pid !== process.pid && read(`/proc/${pid}/cmdline`)?.includes(text));
}

export interface Holdings {
  residentBytes: number;
  files: number;
}

/**
 * What processes hold together at the least, looked at after each round of some work: garbage comes and goes, and what
 * is held stays (Linux).
 */
export async function holdings(
  pids: readonly number[],
  rounds: number,
  work: (round: number) => Promise<unknown>,
): Promise<Holdings> {
  const looks: Holdings[] = [];
  for (let round = 0; round < rounds; round++) {
    await work(round);
    looks.push({ residentBytes: sum(pids, residentBytes), files: sum(pids, openFiles) });
  }
  const least = (of: (look: Holdings) => number) => Math.min(...looks.map(of));
  return { residentBytes: least((look) => look.residentBytes), files: least((look) => look.files) };
}

const residentBytes = (pid: number) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;

const openFiles = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

const sum = (pids: readonly number[], of: (pid: number) => number) =>
  pids.reduce((total, pid) => total + of(pid), 0);

/** A process may end between being listed and being read. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Waits until a process has no more than `count` others below it: decoders that wait for more end by themselves. */
export async function restOf(pid: number, count: number): Promise<number[]> {
  for (let tries = 0; tries < 100; tries++) {
    const family = familyOf(pid);
    if (family.length <= 1 + count) return family;
    await sleep(300);
  }
  throw new Error(`Process ${pid} keeps ${familyOf(pid).length - 1} others`);
}

/** A process and all that it has started, and they (Linux). */
function familyOf(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.split(' ').filter(Boolean).map(Number) ?? [];
  return [pid, ...children.flatMap(familyOf)];
}
