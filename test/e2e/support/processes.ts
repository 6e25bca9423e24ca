import { readdirSync, readFileSync } from 'node:fs';

/** Every process that runs (zombies left out) and that this user may look into. */
export function processesWhere(wanted: (commandLine: string, environment: string) => boolean): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isRunning(pid) && wanted(read(pid, 'cmdline'), read(pid, 'environ')));
}

/** @returns false for a process that ended and for a zombie */
export function isRunning(pid: number): boolean {
  const stat = read(pid, 'stat');
  return stat !== '' && !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2)[0]);
}

export function childrenOf(pid: number): number[] {
  return read(pid, `task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
}

export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Paths of the files that a process has mapped, shared objects among them. */
export function mappedFiles(pid: number): string[] {
  const paths = read(pid, 'maps').match(/\/.*$/gm) ?? [];
  return [...new Set(paths)];
}

/** A process may end between being listed and being read; it then reads as empty. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return '';
    throw error;
  }
}
