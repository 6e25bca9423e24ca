import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { builtFile, type Config, heapOptions } from '../../contracts';
import { cudaEnvironment } from '../../runtime';
import { workerConfig, workerEnvironment } from './settings';
import type { FromWorker, ToWorker } from './protocol';

/** Lets glibc give freed picture buffers back to the system, so that memory stays flat over many photos. */
export const ALLOCATOR = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_TRIM_THRESHOLD_: '8388608',
};

/** onnxruntime's own builds report their use to Microsoft otherwise, and leave an id of the machine in ~/.cache. */
const NO_TELEMETRY = { ORT_DISABLE_TELEMETRY: '1' };

/** For 1 GB of JavaScript objects; pixels and tensors lie outside of them. */
export const HEAP = heapOptions(1024);

/**
 * Where each core has a process of its own: garbage is collected on its one thread, and at once. In many small steps, as
 * for pages that must not pause, it takes a fifth of the time that training pictures need.
 */
const ONE_THREAD = ['--single-threaded-gc', '--no-incremental-marking', '--max-semi-space-size=32'];

/** What one process of a lane sees of the machine. */
export interface Share {
  /** The only graphics card, as CUDA_VISIBLE_DEVICES names it; undefined: whatever the engine itself sees. */
  card?: string;
  /** Threads, where each core has a process of its own. */
  threads?: number;
}

export interface WorkerEvents {
  onMessage(message: FromWorker): void;
  /** Called once: it ended, or the system could not start it. */
  onExit(reason: string): void;
}

/** One child process that does tasks; see worker-main.ts for its inside. */
export class Worker {
  private readonly child: ChildProcess;
  private failure?: string;

  constructor(config: Config, events: WorkerEvents, { card, threads }: Share) {
    this.child = fork(builtFile('lib/engine/workers/worker-main.js'), {
      serialization: 'advanced',
      execArgv: [...process.execArgv, ...HEAP, ...(threads === 1 ? ONE_THREAD : [])],
      env: {
        ...workerEnvironment(process.env),
        ...ALLOCATOR,
        ...NO_TELEMETRY,
        ...cudaEnvironment(config.homeDir),
        ...(card && { CUDA_VISIBLE_DEVICES: card }),
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child.on('message', (message) => events.onMessage(message as FromWorker));
    this.child.on('error', (error) => {
      this.failure = error.message;
      // One that could not be started never exits.
      if (this.pid === undefined) events.onExit(error.message);
    });
    this.child.on('exit', (code, signal) =>
      events.onExit(this.failure ?? (signal ? `signal ${signal}` : `exit code ${code}`)),
    );
    this.send({
      type: 'start',
      config: workerConfig({ ...config, threads: threads ?? config.threads }),
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Messages to a child that is just dying are dropped: its `onExit` tells what became of it. */
  send(message: ToWorker): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  /** Ends the child at once and waits for it. */
  async end(): Promise<void> {
    if (this.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}
