import type { Device } from '../contracts';
import type { RunDevice } from './devices';
import { onBestDevice } from './fallback';
import { openOn, type Graph, type Session, type SessionOptions } from './session';

export interface PoolRequest {
  /** The graphs that a device runs, by role: asked once per device and `key`. */
  graphs(device: RunDevice): Promise<Record<string, Graph>>;
  /** Tells networks apart. */
  key: string;
  device: Device;
  strictDevice?: boolean;
  /** Devices that the network runs on; default: all. */
  allowed?: readonly RunDevice[];
}

/** A network's graphs, all on one device. */
export interface OpenGraphs {
  /** By role. */
  sessions: Record<string, Session>;
  device: RunDevice;
  /**
   * What the reader should know, such as which device was wanted, why it was not used, and how to mend that; empty when
   * there is nothing to say.
   */
  warnings: string[];
}

/** Milliseconds after which a device that was fallen back from is tried again. */
const RETRY_MS = 60_000;

/**
 * One session per graph and device, shared by everybody and kept until `dispose`: making and releasing sessions again
 * and again leaks memory (onnxruntime #25325).
 */
export class SessionPool {
  private readonly sessions = new Map<string, Promise<Session>>();
  private readonly choices = new Map<string, Promise<OpenGraphs>>();
  /** When a choice that fell back is made anew. */
  private readonly retries = new Map<string, number>();
  private disposed = false;

  /** @param now milliseconds */
  constructor(
    private readonly options: SessionOptions = {},
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * The sessions for a request, with the warnings of its fallback on every call. What failed is tried anew next time, a
   * device that was fallen back from after a minute: its memory may be free by then.
   * @throws VitrineError MODEL_MISSING, INVALID_MODEL, or DEVICE_UNAVAILABLE when no device (strict: the device) works
   */
  get(request: PoolRequest): Promise<OpenGraphs> {
    const { graphs, key, device, strictDevice = false, allowed = [] } = request;
    if (this.disposed) throw new Error('SessionPool used after dispose');
    const choice = [key, device, strictDevice, ...allowed].join('|');
    if (this.now() >= (this.retries.get(choice) ?? Infinity)) this.choices.delete(choice);
    return shared(this.choices, choice, async () => {
      this.retries.delete(choice);
      const { value, warnings } = await onBestDevice({ host: this.options.host, ...request }, async (each) =>
        this.openAll(each, await graphs(each)),
      );
      if (warnings.length) this.retries.set(choice, this.now() + RETRY_MS);
      return { ...value, warnings: [...warnings, ...value.warnings] };
    });
  }

  /** Releases sessions of its own, which are opened anew when they are next asked for. */
  async discard(sessions: readonly Session[]): Promise<void> {
    for (const [key, opening] of this.sessions) {
      const opened = await opening.catch(() => undefined);
      if (opened && sessions.includes(opened)) this.sessions.delete(key);
    }
    // A choice may hold one of them; it is quickly made again from the sessions that are left.
    this.choices.clear();
    await Promise.all(sessions.map((session) => session.release()));
  }

  /** Releases every session, those still being opened as well. */
  async dispose(): Promise<void> {
    this.disposed = true;
    const opened = await Promise.allSettled(this.sessions.values());
    this.sessions.clear();
    this.choices.clear();
    await Promise.all(opened.map((each) => each.status === 'fulfilled' && each.value.release()));
  }

  private async openAll(device: RunDevice, graphs: Record<string, Graph>): Promise<OpenGraphs> {
    const sessions: Record<string, Session> = {};
    const warnings = new Set<string>();
    for (const [role, graph] of Object.entries(graphs)) {
      const session = await this.on(device, graph);
      sessions[role] = session;
      for (const warning of [...session.notices, ...(graph.warnings ?? [])]) warnings.add(warning);
    }
    return { sessions, device, warnings: [...warnings] };
  }

  private on(device: RunDevice, graph: Graph): Promise<Session> {
    if (this.disposed) throw new Error('SessionPool disposed while a network was being opened');
    return shared(this.sessions, `${graph.modelFile}|${device}`, () => openOn(device, graph, this.options));
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
