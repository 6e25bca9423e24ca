import { createRequire } from 'node:module';
import type * as Lockfile from 'proper-lockfile';

const load = createRequire(__filename);

/**
 * proper-lockfile, loaded when a lock is first asked for, and without what it does to signals. Its signal-exit kills the
 * process as soon as nobody else seems to listen, which a host that listens once, as n8n does, looks like in the midst of
 * its orderly end. Locks of a process that exits holding them go stale instead of being removed.
 */
export function loadLockfile(): typeof Lockfile {
  const before = process.listenerCount('SIGTERM');
  const lockfile = load('proper-lockfile') as typeof Lockfile;
  if (process.listenerCount('SIGTERM') > before) {
    const signalExit = createRequire(load.resolve('proper-lockfile'))('signal-exit') as { unload(): void };
    signalExit.unload();
  }
  return lockfile;
}
