import type { Device } from '../contracts';
import type { Host, RunDevice } from './devices';
import { onBestDevice } from './fallback';
import type { Runtime } from './ort';
import { openOn, type OpenedSession, type Session } from './session';

export interface SessionPoolOptions {
  /** Threads for one operation; 0 or nothing: one per core. */
  threads?: number;
  runtime?: Runtime;
  host?: Host;
}

export interface PoolRequest {
  modelFile: string;
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
    const { modelFile, device, strictDevice = false, allowed = [] } = request;
    if (this.disposed) throw new Error('SessionPool used after dispose');
    const key = [modelFile, device, strictDevice, ...allowed].join('|');
    return shared(this.choices, key, async () => {
      const { value, warnings } = await onBestDevice({ host: this.options.host, ...request }, (each) =>
        this.on(each, modelFile),
      );
      return { session: value, warnings };
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

  private on(device: RunDevice, modelFile: string): Promise<Session> {
    if (this.disposed) throw new Error('SessionPool disposed while a network was being opened');
    return shared(this.sessions, `${modelFile}|${device}`, () =>
      openOn(device, { ...this.options, modelFile }),
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
