import {
  VitrineError,
  invalid,
  throwIfAborted,
  type Device,
  type LoadedModel,
  type ModelTask,
} from '../contracts';
import { SessionPool, deviceMemory, type Host, type RunDevice, type Runtime, type Session } from '../runtime';
import { pullModel, type DownloadProgress } from './download/pull';
import type { DownloadSettings } from './download/settings';
import { familyOf, type TaskNetworks } from './families';
import { findForTask, loadRegistry, type Registry } from './registry';
import type { NetworkEntry } from './schema';
import { Speeds } from './speed/speeds';
import { devicesOf, entryFor, entryToFetch, firstDevice, graphsFor, textsFor } from './variants';

export interface NetworksOptions {
  /** Folder of model files and of `registry.local.json`. */
  modelsDir: string;
  /**
   * VITRINE_HOME, which remembers how fast the ways to run a network are. Nothing: they are not compared, and the
   * preferred one is taken.
   */
  homeDir?: string;
  /** Graphics cards compute in half precision where a model has files for that. Default: yes. */
  halfPrecision?: boolean;
  /** Threads for one operation; 0 or nothing: one per core. */
  threads?: number;
  /** How missing models may be fetched; nothing: not at all. */
  download?: DownloadSettings;
  /** Default: onnxruntime in this very thread, which blocks it. */
  runtime?: Runtime;
  /** Default: this machine. */
  host?: Host;
}

/** A download that a job waits for. */
export interface DownloadRequest {
  device: Device;
  signal: AbortSignal;
  /** Told how far it is. */
  onDownload?(event: DownloadProgress): void;
}

export interface OpenRequest<Task extends ModelTask> extends DownloadRequest {
  /** An id of the registry, not `auto`. */
  id: string;
  task: Task;
  /** Fail instead of falling back to another device. */
  strictDevice: boolean;
  /**
   * Told when the files are here and the graphs are about to be loaded; before that may come, once for each machine, that
   * the ways to run them are measured, which can take many seconds.
   */
  onStage?(stage: 'measure' | 'load'): void;
}

/** A network that is ready to work. Its sessions are shared: they stay open until the networks are disposed. */
export interface OpenNetwork<Task extends ModelTask> {
  /** As its device runs it: with the files, input and output of the device's variant. */
  entry: NetworkEntry & { task: Task };
  device: RunDevice;
  /** Its graphs by role, all on that device. */
  graphs: Record<string, Session>;
  /** What its family makes of them. */
  network: TaskNetworks[Task];
  /** What the reader should know of the choice, such as a device fallback. */
  warnings: string[];
  /** Milliseconds that loading took; next to 0 when the sessions were open already. */
  loadMs: number;
}

/**
 * The networks of one process: finds them in the registry, fetches what is missing of them, opens them on the best
 * device and keeps them warm. Made once, shared by everything that runs networks, disposed at the end.
 */
export class Networks {
  private readonly pool: SessionPool;
  private readonly speeds?: Speeds;
  /** By model and device. */
  private readonly warm = new Map<string, LoadedModel>();
  private readonly memory = new Map<string, Promise<number | undefined>>();

  constructor(private readonly options: NetworksOptions) {
    const { homeDir, threads, runtime, host } = options;
    this.pool = new SessionPool({ threads, runtime, host });
    if (homeDir !== undefined) this.speeds = new Speeds(homeDir, { threads, runtime, host });
  }

  /** The networks whose sessions are open, in the order of their first use. */
  get loaded(): LoadedModel[] {
    return [...this.warm.values()];
  }

  /**
   * What can be opened. Read anew each time (a millisecond): a network added while the engine runs is there at once.
   * @throws VitrineError INVALID_MODEL for a mistake in `registry.local.json`
   */
  registry(): Promise<Registry> {
    return loadRegistry(this.options.modelsDir, this.options.halfPrecision);
  }

  /**
   * Opens a network: missing files are fetched, the fastest way to run it is found, sessions are made once and shared.
   * @throws VitrineError UNKNOWN_MODEL; INVALID_PARAMETER for a model of another task; MODEL_MISSING, LICENSE_REQUIRED,
   *   DOWNLOAD_FAILED, DISK_FULL, INVALID_MODEL; DEVICE_UNAVAILABLE when no device (strict: the device) works; CANCELLED
   */
  async open<Task extends ModelTask>(request: OpenRequest<Task>): Promise<OpenNetwork<Task>> {
    const { device, strictDevice, signal, onStage } = request;
    throwIfAborted(signal);
    const { registry, entry } = await this.find(request);
    await this.fetch(registry, entryToFetch(registry, entry, firstDevice(entry, device)), request);
    const start = performance.now();
    const fastest = await this.speeds?.find(registry, entry, request, () => onStage?.('measure'));
    onStage?.('load');
    /** Elsewhere than on the device that it was found for, the files are those that the registry prefers. */
    const entryOn = (each: RunDevice) => (fastest?.device === each ? fastest.entry : entry);
    const opened = await this.pool.get({
      graphs: async (each) => {
        // Only a device that is fallen back to can still miss its files; several jobs may wait for it.
        const { signal: never } = new AbortController();
        const wanted = entryToFetch(registry, entryOn(each), each);
        await this.fetch(registry, wanted, { device: each, signal: never });
        return graphsFor(registry, entryOn(each), each);
      },
      key: JSON.stringify([entry.id, entry.files, entry.variants, fastest?.entry.files]),
      device: fastest?.device ?? device,
      strictDevice,
      allowed: devicesOf(entry),
    });
    throwIfAborted(signal);
    const { sessions, device: used, warnings } = opened;
    this.warm.set(`${entry.id}|${used}`, { model: entry.id, device: used });
    const running = entryFor(registry, entryOn(used), used) as typeof entry;
    return {
      entry: running,
      device: used,
      graphs: sessions,
      network: familyOf(running).open(running, sessions, textsFor(registry, running)) as TaskNetworks[Task],
      warnings,
      loadMs: performance.now() - start,
    };
  }

  /**
   * Opens a network and works with it. A card whose memory is used up meanwhile hands the work to the CPU: it is then
   * done again from its start, with a warning among the network's.
   * @throws VitrineError as `open` does, and what the work throws
   */
  async use<Task extends ModelTask, Result>(
    request: OpenRequest<Task>,
    work: (network: OpenNetwork<Task>) => Promise<Result>,
  ): Promise<Result> {
    const network = await this.open(request);
    try {
      return await work(network);
    } catch (error) {
      const isFull = error instanceof VitrineError && error.code === 'DEVICE_UNAVAILABLE';
      if (!isFull || request.strictDevice || network.device === 'cpu') throw error;
      if (!devicesOf((await this.find(request)).entry).includes('cpu')) throw error;
      const { warnings, ...onCpu } = await this.open({ ...request, device: 'cpu' });
      const reason = `${error.message}. Used cpu instead. ${error.hint}`;
      return work({ ...onCpu, warnings: [reason, ...warnings] });
    }
  }

  /**
   * Megabytes of the card's memory that this process holds, where that can be told. Asked once for each network, best
   * after its first run.
   */
  deviceMemory({ entry, device }: OpenNetwork<ModelTask>): Promise<number | undefined> {
    const key = `${entry.id}|${device}`;
    if (!this.memory.has(key)) this.memory.set(key, deviceMemory(device));
    return this.memory.get(key)!;
  }

  /** Releases a network's sessions, which are not to be trusted any more: it is loaded anew when it is next opened. */
  async discard({
    entry,
    device,
    graphs,
  }: Pick<OpenNetwork<ModelTask>, 'entry' | 'device' | 'graphs'>): Promise<void> {
    this.warm.delete(`${entry.id}|${device}`);
    await this.pool.discard(Object.values(graphs));
  }

  /** Releases every session. */
  dispose(): Promise<void> {
    return this.pool.dispose();
  }

  private async find<Task extends ModelTask>({ id, task }: Pick<OpenRequest<Task>, 'id' | 'task'>) {
    const registry = await this.registry();
    const entry = findForTask(registry, id, task);
    if ('files' in entry) return { registry, entry: entry as NetworkEntry & { task: Task } };
    throw invalid('model', 'a network', id, `${id} is built in and has no graphs to open.`);
  }

  private async fetch(
    registry: Registry,
    entry: NetworkEntry,
    { signal, onDownload }: DownloadRequest,
  ): Promise<void> {
    const { download: settings } = this.options;
    if (settings) await pullModel(registry, entry, { settings, signal, onProgress: onDownload });
  }
}
