import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MadeScene } from './types';
import type { SceneCost, SceneLook } from '../../contracts';

/** Bytes of encoded scenes that are kept in memory, and on the disk. */
const [IN_MEMORY, ON_DISK] = [64 * 1024 * 1024, 512 * 1024 * 1024];
const NAME = /^[0-9a-f]{64}\.scene$/;

/** A scene with what is known of it; nothing in it tells what it was asked with. */
export interface KeptScene extends Omit<MadeScene, 'file' | 'cost'> {
  picture: Buffer;
  look: SceneLook;
}

/** A name for what decides on a scene, from which nobody can read it. */
export function sceneKey(settings: object): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex');
}

/** A scene on its way, and those who wait for it. */
interface Flight {
  result: Promise<{ scene: KeptScene; cost?: SceneCost; old: boolean }>;
  stop: AbortController;
  waiting: number;
  /** Somebody has been told what it cost. */
  told: boolean;
  listeners: Set<Listener>;
}

type Listener = (message: string, fraction: number) => void;
type Make = (signal: AbortSignal, onProgress: Listener) => Promise<{ scene: KeptScene; cost?: SceneCost }>;

export interface TakenScene extends KeptScene {
  /** Somebody else had it made, or has it made just now. */
  cached: boolean;
  cost?: SceneCost;
}

/**
 * Scenes by what decides on them, so that none is paid for twice: in memory, and in files of a folder. Both are
 * bounded; what is unused for longest goes first. What the disk refuses costs only what it would have kept.
 */
export class SceneCache {
  private readonly flights = new Map<string, Flight>();
  private readonly memory = new Map<string, KeptScene>();

  constructor(
    private readonly folder: string,
    private readonly limits = { memory: IN_MEMORY, disk: ON_DISK },
  ) {}

  /**
   * The scene of a key. Two who ask at the same time get the same one; it is given up when the last of them has left,
   * who then waits until it has been.
   * @param make makes it where it is not here
   * @param onDefect told of what the disk refused, for the log only
   * @throws what `make` throws; what the signal was aborted with
   */
  async take(
    key: string,
    make: Make,
    {
      signal,
      onProgress,
      onDefect,
    }: { signal: AbortSignal; onProgress: Listener; onDefect(error: unknown): void },
  ): Promise<TakenScene> {
    signal.throwIfAborted();
    const flight = this.flights.get(key) ?? this.start(key, make, onDefect);
    flight.waiting++;
    flight.listeners.add(onProgress);
    try {
      const { scene, cost, old } = await orAborted(flight.result, signal);
      const cached = old || flight.told;
      flight.told = true;
      return { ...scene, cached, ...(cached ? cost && { cost: { credits: 0 } } : cost && { cost }) };
    } finally {
      flight.listeners.delete(onProgress);
      if (--flight.waiting === 0 && signal.aborted) {
        if (this.flights.get(key) === flight) this.flights.delete(key);
        flight.stop.abort(signal.reason);
        await flight.result.catch(() => undefined);
      }
    }
  }

  private start(key: string, make: Make, onDefect: (error: unknown) => void): Flight {
    const stop = new AbortController();
    const listeners = new Set<Listener>();
    const tell: Listener = (message, fraction) =>
      listeners.forEach((listener) => listener(message, fraction));
    const result = this.find(key, onDefect).then(async (found) => {
      if (found) return { scene: found, old: true };
      stop.signal.throwIfAborted();
      const made = await make(stop.signal, tell);
      this.remember(key, made.scene);
      await this.write(key, made.scene).catch(onDefect);
      return { ...made, old: false };
    });
    const flight: Flight = { result, stop, waiting: 0, told: false, listeners };
    this.flights.set(key, flight);
    const land = () => {
      if (this.flights.get(key) === flight) this.flights.delete(key);
    };
    result.then(land, land);
    return flight;
  }

  private async find(key: string, onDefect: (error: unknown) => void): Promise<KeptScene | undefined> {
    const refused = (error: unknown) => void onDefect(error);
    const known = this.memory.get(key) ?? (await this.read(key).catch(refused));
    if (known) this.remember(key, known);
    return known;
  }

  private remember(key: string, scene: KeptScene): void {
    this.memory.delete(key);
    this.memory.set(key, scene);
    let bytes = 0;
    for (const { picture } of this.memory.values()) bytes += picture.length;
    for (const [oldest, { picture }] of this.memory) {
      if (bytes <= this.limits.memory) return;
      this.memory.delete(oldest);
      bytes -= picture.length;
    }
  }

  private pathOf(key: string): string {
    return join(this.folder, `${key}.scene`);
  }

  /** A damaged file is deleted. */
  private async read(key: string): Promise<KeptScene | undefined> {
    const path = this.pathOf(key);
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!bytes) return undefined;
    const scene = unpack(bytes);
    if (scene) await utimes(path, new Date(), new Date());
    else await rm(path, { force: true });
    return scene;
  }

  private async write(key: string, scene: KeptScene): Promise<void> {
    const bytes = pack(scene);
    if (bytes.length > this.limits.disk) return;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const part = join(this.folder, `${randomUUID()}.part`);
    try {
      await writeFile(part, bytes, { mode: 0o600 });
      await rename(part, this.pathOf(key));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await this.prune();
  }

  private async prune(): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => NAME.test(name));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.folder, name);
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      }),
    );
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes <= this.limits.disk) return;
      await rm(path, { force: true });
      bytes -= size;
    }
  }
}

/** A line of JSON, then the picture. */
function pack({ picture, ...known }: KeptScene): Buffer {
  const head = { ...known, sha256: hashOf(picture) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), picture]);
}

/** @returns undefined where the file is not what was written */
function unpack(bytes: Buffer): KeptScene | undefined {
  const end = bytes.indexOf('\n');
  const picture = bytes.subarray(end + 1);
  try {
    const { sha256, ...known } = JSON.parse(bytes.toString('utf8', 0, end)) as KeptScene & { sha256: string };
    return sha256 === hashOf(picture) ? { ...known, picture } : undefined;
  } catch {
    return undefined; // Cut off: whoever asked deletes it.
  }
}

/** SHA-256 in hexadecimal digits. */
export function hashOf(picture: Buffer): string {
  return createHash('sha256').update(picture).digest('hex');
}

/** What comes of `work`, or what the signal is aborted with, whichever is first. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
