import type { Config } from '../contracts';
import { WorkerPool, Workspace } from '../engine';
import { interruptible } from './interrupt';
import { sayLines } from './output';

/** What a command's jobs run with. */
export interface JobTools {
  pool: WorkerPool;
  /** Holds a folder for each job. */
  workspace: Workspace;
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal;
}

/** Runs `work` with workers and temp folders of its own; neither is left behind, however it ends. */
export function withWorkers<T>(config: Config, work: (tools: JobTools) => Promise<T>): Promise<T> {
  return interruptible(async (signal) => {
    // Callers of an engine may be too many; here they are counted.
    const pool = new WorkerPool({ ...config, maxQueue: Infinity }, { onDefect: sayLines });
    const workspace = new Workspace(config.tempDir);
    try {
      await workspace.prepare();
      return await work({ pool, workspace, signal });
    } finally {
      await pool.close();
      await workspace.dispose();
    }
  });
}
