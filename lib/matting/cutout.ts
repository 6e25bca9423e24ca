import {
  VitrineError,
  throwIfAborted,
  type Alpha,
  type Device,
  type LoadedModel,
  type RgbImage,
} from '../contracts';
import { cropTo, resizeAlpha } from '../image';
import {
  adapt,
  devicesOf,
  entryFor,
  entryToFetch,
  firstDevice,
  graphFor,
  loadRegistry,
  pullModel,
  resolveModel,
  type DownloadProgress,
  type DownloadSettings,
  type MatteAdapter,
  type NetworkEntry,
  type Registry,
} from '../models';
import {
  Batches,
  SessionPool,
  deviceMemory,
  type OpenedSession,
  type RunDevice,
  type Runtime,
  type Session,
} from '../runtime';
import { cutWithoutNetwork } from './first-cut';
import { MaskCache } from './mask-cache';
import { cutPlain } from './plain';
import { closeUpOf, mergeCloseUp } from './second-pass';

export interface CutterOptions {
  /** Folder of model files and of `registry.local.json`. */
  modelsDir: string;
  /** Graphics cards compute in half precision where a model has files for that. Default: yes. */
  halfPrecision?: boolean;
  /** Threads for one operation; 0 or nothing: one per core. */
  threads?: number;
  /** How missing models may be fetched; nothing: not at all. */
  download?: DownloadSettings;
  /** Default: onnxruntime in this very thread, which blocks it. */
  runtime?: Runtime;
  /** Default: a pool of the cutter's own. It is disposed with the cutter. */
  pool?: SessionPool;
  /** Called when a network turns out to take several photos at once: more cuts at a time are worth it from then on. */
  onBatching?(): void;
}

export interface CutOptions {
  /** An id of the registry, or `auto`. */
  model: string;
  device: Device;
  /** Fail instead of falling back to another device. */
  strictDevice: boolean;
  /** Let a network look at the product of a large photo once more, closer. Default: no. */
  secondPass?: boolean;
  signal: AbortSignal;
  /** Told when a network is about to be loaded and when the picture is about to be cut. */
  onStage?(stage: 'load' | 'infer'): void;
  /** Told how far a model's download is, where the job has to wait for one. */
  onDownload?(event: DownloadProgress): void;
}

export interface Cutout {
  /** Of the photo's full size. */
  alpha: Alpha;
  /** The model that really ran. */
  model: string;
  /** The device that really ran it. */
  device: RunDevice;
  /** What the reader should know about the choice, such as a device fallback. */
  warnings: string[];
  /** Milliseconds from the decoded photo to its matte, without loading the network. */
  inferMs: number;
  /** Milliseconds that loading the network took; 0 when it was there already. */
  loadMs: number;
  /** Megabytes of the card's memory that this process holds, where that can be told. */
  deviceMemoryMb?: number;
}

/** A network ready to cut. */
interface Loaded extends OpenedSession {
  adapter: MatteAdapter;
}

/** Cuts products out of photos. Holds warm sessions: one cutter per process, disposed at its end. */
export class Cutter {
  private readonly pool: SessionPool;
  private readonly batches: Batches;
  private readonly masks = new MaskCache();
  /** By model and device: sessions stay until the cutter is disposed. */
  private readonly warm = new Map<string, LoadedModel>();

  private readonly memory = new Map<Session, Promise<number | undefined>>();

  constructor(private readonly options: CutterOptions) {
    const { threads, runtime } = options;
    this.pool = options.pool ?? new SessionPool({ threads, runtime });
    this.batches = new Batches(options.onBatching);
  }

  /**
   * The matte of a photo's product. A card whose memory is used up hands the photo to the CPU, with a warning.
   * @throws VitrineError UNKNOWN_MODEL, MODEL_MISSING, LICENSE_REQUIRED, DOWNLOAD_FAILED, DISK_FULL, INVALID_MODEL, DEVICE_UNAVAILABLE, CANCELLED, and what `plain`
   *   says of a photo that it refuses
   */
  async cut(image: RgbImage, options: CutOptions): Promise<Cutout> {
    throwIfAborted(options.signal);
    const { registry, entry } = await this.resolve(options);
    if (!('files' in entry)) {
      if (options.model !== 'auto') return cutBuiltIn(image, options);
      return cutWithoutNetwork(registry, this.options.download, options, {
        plain: () => cutBuiltIn(image, options),
        network: (found) => this.cutSomewhere(registry, found, image, options),
      });
    }
    return this.cutSomewhere(registry, entry, image, options);
  }

  /** On the device asked for; on the CPU where a card's memory is used up. */
  private async cutSomewhere(
    registry: Registry,
    entry: NetworkEntry,
    image: RgbImage,
    options: CutOptions,
  ): Promise<Cutout> {
    const { device, strictDevice } = options;
    try {
      return await this.cutWith(registry, entry, image, options);
    } catch (error) {
      const full = error instanceof VitrineError && error.code === 'DEVICE_UNAVAILABLE';
      if (!full || strictDevice || device === 'cpu' || !devicesOf(entry).includes('cpu')) throw error;
      const cutout = await this.cutWith(registry, entry, image, { ...options, device: 'cpu' });
      return {
        ...cutout,
        warnings: [`${error.message}. Used cpu instead. ${error.hint}`, ...cutout.warnings],
      };
    }
  }

  /**
   * Loads a network and runs it once, so that the first photo finds it warm. Does nothing for `plain`.
   * @throws VitrineError as `cut` does
   */
  async warmUp(options: CutOptions): Promise<void> {
    const { entry } = await this.resolve(options);
    if (entry.family === 'plain') return;
    await this.cut({ data: new Uint8Array(32 * 32 * 3).fill(128), width: 32, height: 32 }, options);
  }

  /** The networks whose sessions are open, in the order of their first use. */
  get loaded(): LoadedModel[] {
    return [...this.warm.values()];
  }

  /** Releases every session. */
  dispose(): Promise<void> {
    return this.pool.dispose();
  }

  private async resolve({ model, device }: Pick<CutOptions, 'model' | 'device'>) {
    // Read anew each time (a millisecond): a network added while the engine runs is there at once.
    const registry = await loadRegistry(this.options.modelsDir, this.options.halfPrecision);
    return { registry, entry: resolveModel(registry, model, device) };
  }

  private async cutWith(
    registry: Registry,
    entry: NetworkEntry,
    image: RgbImage,
    options: CutOptions,
  ): Promise<Cutout> {
    const { device, strictDevice, signal, onStage } = options;
    await this.fetch(registry, entryToFetch(registry, entry, firstDevice(entry, device)), options);
    onStage?.('load');
    const asked = performance.now();
    const { session, adapter, warnings } = await this.load(registry, entry, device, strictDevice);
    throwIfAborted(signal);

    onStage?.('infer');
    const start = performance.now();
    const notes: string[] = [];
    const look = async (picture: RgbImage) => {
      const { warnings: more, ...found } = await this.look(picture, session, adapter, signal);
      notes.push(...more);
      return found;
    };
    const { matte, alpha: first } = await look(image);
    let alpha = first;
    const box = options.secondPass ? closeUpOf(first, matte) : undefined;
    if (box) {
      const { alpha: closeUp } = await look(cropTo(image, box));
      const scale = Math.max(image.width / matte.width, image.height / matte.height);
      alpha = mergeCloseUp(first, closeUp, box, scale);
    }
    const now = performance.now();
    if (!this.memory.has(session)) this.memory.set(session, deviceMemory(session.device));
    return {
      alpha,
      model: entry.id,
      device: session.device,
      warnings: [...warnings, ...notes],
      inferMs: now - start,
      loadMs: start - asked,
      deviceMemoryMb: await this.memory.get(session),
    };
  }

  /** The network's own matte of a picture, remembered, and the same in the picture's size. */
  private async look(
    image: RgbImage,
    session: Session,
    adapter: MatteAdapter,
    signal: AbortSignal,
  ): Promise<{ matte: Alpha; alpha: Alpha; warnings: string[] }> {
    const cutter = `${session.modelFile}|${session.device}|${adapter.output}`;
    // Hashing a large photo takes as long as making it fit the network, and neither happens in this thread.
    const [key, feeds] = await Promise.all([this.masks.key(image, cutter), adapter.feeds(image)]);
    const known = await this.masks.get(key);
    if (known) return { matte: known, alpha: await fit(known, image), warnings: [] };
    const { answer, warnings } = await this.batches.run(session, feeds, adapter.output, signal);
    throwIfAborted(signal);
    const matte = adapter.matte(answer);
    const [alpha] = await Promise.all([fit(matte, image), this.masks.set(key, matte)]);
    return { matte, alpha, warnings };
  }

  private async fetch(
    registry: Registry,
    entry: NetworkEntry,
    { signal, onDownload }: Pick<CutOptions, 'signal' | 'onDownload'>,
  ): Promise<void> {
    const { download: settings } = this.options;
    if (settings) await pullModel(registry, entry, { settings, signal, onProgress: onDownload });
  }

  /** Checked files and a session, both only once; the adapter costs nothing. */
  private async load(
    registry: Registry,
    entry: NetworkEntry,
    device: Device,
    strictDevice: boolean,
  ): Promise<Loaded> {
    const opened = await this.pool.get({
      modelFile: async (each) => {
        // Only a device that is fallen back to can still miss its files; several jobs may wait for it.
        await this.fetch(registry, entryToFetch(registry, entry, each), {
          signal: new AbortController().signal,
        });
        return graphFor(registry, entry, each);
      },
      key: JSON.stringify([entry.id, entry.files, entry.variants]),
      device,
      strictDevice,
      allowed: devicesOf(entry),
    });
    const { session } = opened;
    this.warm.set(`${entry.id}|${session.device}`, { model: entry.id, device: session.device });
    return { ...opened, adapter: adapt(entryFor(registry, entry, session.device), session) };
  }
}

async function fit(matte: Alpha, { width, height }: RgbImage): Promise<Alpha> {
  if (matte.width === width && matte.height === height) return matte;
  // Cubic, because the second lobe of Lanczos leaves a faint ring around hard edges.
  return resizeAlpha(matte, width, height, 'cubic');
}

async function cutBuiltIn(
  image: RgbImage,
  { device, strictDevice, signal, onStage }: CutOptions,
): Promise<Cutout> {
  const elsewhere = device !== 'auto' && device !== 'cpu';
  if (elsewhere && strictDevice) {
    throw new VitrineError({
      code: 'DEVICE_UNAVAILABLE',
      message: `The model plain runs on the cpu only, and ${device} was asked for strictly`,
      hint: 'Choose the device auto or cpu, turn strict device off, or choose a network that runs there.',
    });
  }
  const warnings = elsewhere ? [`The model plain runs on the cpu only; ${device} was not used.`] : [];
  onStage?.('infer');
  const start = performance.now();
  const { alpha } = await cutPlain(image, { signal });
  return { alpha, model: 'plain', device: 'cpu', warnings, inferMs: performance.now() - start, loadMs: 0 };
}
