/** Work that several jobs of this process wait for. */
interface Shared<Event, Result> {
  promise: Promise<Result>;
  controller: AbortController;
  listeners: Set<(event: Event) => void>;
  last?: Event;
}

/**
 * Does the same work once for everybody who asks while it lasts. It goes on while anybody still waits, and stops
 * when the last one's signal is aborted.
 */
export class Sharing<Event, Result> {
  private readonly running = new Map<string, Shared<Event, Result>>();

  /** @param work started for the first who asks for `key` */
  async join(
    key: string,
    signal: AbortSignal,
    listener: (event: Event) => void,
    work: (signal: AbortSignal, report: (event: Event) => void) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    const shared = this.running.get(key) ?? this.start(key, work);
    shared.listeners.add(listener);
    if (shared.last !== undefined) listener(shared.last);
    let abort = () => undefined as void;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
    });
    try {
      return await Promise.race([shared.promise, aborted]);
    } finally {
      signal.removeEventListener('abort', abort);
      shared.listeners.delete(listener);
      if (!shared.listeners.size && this.running.get(key) === shared) {
        // The next who asks must not join what is being stopped.
        this.running.delete(key);
        shared.controller.abort(signal.reason);
      }
    }
  }

  private start(
    key: string,
    work: (signal: AbortSignal, report: (event: Event) => void) => Promise<Result>,
  ): Shared<Event, Result> {
    const controller = new AbortController();
    const listeners = new Set<(event: Event) => void>();
    const shared: Shared<Event, Result> = {
      controller,
      listeners,
      promise: work(controller.signal, (event) => {
        shared.last = event;
        for (const listener of listeners) listener(event);
      }).finally(() => {
        if (this.running.get(key) === shared) this.running.delete(key);
      }),
    };
    // Everybody may have left; the failure of what was stopped is then nobody's.
    shared.promise.catch(() => undefined);
    this.running.set(key, shared);
    return shared;
  }
}
