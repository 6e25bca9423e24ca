import type { Device } from '../contracts';
import type { Host, RunDevice } from './devices';
import { onBestDevice } from './fallback';
import type { Runtime } from './ort';
import { openOn, type OpenedSession, type Optimisation, type Session } from './session';

export interface SessionPoolOptions {
  /** Threads for one operation; 0 or nothing: one per core. */
  threads?: number;
  runtime?: Runtime;
  host?: Host;
}

/** What one device runs of a network. */
export interface Graph {
  /** An ONNX file. */
  modelFile: string;
  optimisation?: Optimisation;
  /** What the reader should know of the choice. */
  warnings?: readonly string[];
}

export interface PoolRequest {
  /** An ONNX file for every device, or a choice for each: asked once per device and `key`. */
  modelFile: string | ((device: RunDevice) => Promise<Graph>);
  /** Tells requests with a choice apart; default: the file. */
  key?: string;
  device: Device;
  strictDevice?: boolean;
  /** Devices that the network runs on; default: all. */
  allowed?: readonly RunDevice[];
}

/**
 * One session per network and device, shared by everybody and kept until `dispose`: making and releasing sessions again
 * and again leaks memory (onnxruntime #25325).
 */
export class SessionPool {
  private readonly sessions = new Map<string, Promise<Session>>();
  private readonly choices = new Map<string, Promise<OpenedSession>>();
  private disposed = false;

  constructor(private readonly options: SessionPoolOptions = {}) {}

  /**
   * The session for a request, with the warnings of its fallback on every call. What failed is tried anew next time.
   * @throws VitrineError as `openSession` does
   */
  get(request: PoolRequest): Promise<OpenedSession> {
    const { modelFile, key = String(modelFile), device, strictDevice = false, allowed = [] } = request;
    if (this.disposed) throw new Error('SessionPool used after dispose');
    return shared(this.choices, [key, device, strictDevice, ...allowed].join('|'), async () => {
      const { value, warnings } = await onBestDevice(
        { host: this.options.host, ...request },
        async (each) => {
          const graph = typeof modelFile === 'string' ? { modelFile } : await modelFile(each);
          return { session: await this.on(each, graph), notes: graph.warnings ?? [] };
        },
      );
      const { session, notes } = value;
      return { session, warnings: [...warnings, ...session.notices, ...notes] };
    });
  }

  /** Releases every session, those still being opened as well. */
  async dispose(): Promise<void> {
    this.disposed = true;
    const opened = await Promise.allSettled(this.sessions.values());
    this.sessions.clear();
    this.choices.clear();
    await Promise.all(opened.map((each) => each.status === 'fulfilled' && each.value.release()));
  }

  private on(device: RunDevice, { modelFile, optimisation }: Graph): Promise<Session> {
    if (this.disposed) throw new Error('SessionPool disposed while a network was being opened');
    return shared(this.sessions, `${modelFile}|${device}`, () =>
      openOn(device, { ...this.options, modelFile, optimisation }),
    );
  }
}

/** Concurrent callers share one promise; a failed one is forgotten. */
function shared<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}
