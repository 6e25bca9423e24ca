import { VitrineError, throwIfAborted, type Alpha, type Device, type RgbImage } from '../contracts';
import { resizeAlpha } from '../image';
import {
  adapt,
  loadRegistry,
  modelFiles,
  resolveModel,
  type MatteAdapter,
  type NetworkEntry,
} from '../models';
import { SessionPool, type OpenedSession, type RunDevice, type Session } from '../runtime';
import { cutPlain } from './plain';

export interface CutterOptions {
  /** Folder of model files and of `registry.local.json`. */
  modelsDir: string;
  /** Threads for one operation; 0 or nothing: one per core. */
  threads?: number;
  /** Default: a pool of the cutter's own. It is disposed with the cutter. */
  pool?: SessionPool;
}

export interface CutOptions {
  /** An id of the registry, or `auto`. */
  model: string;
  device: Device;
  /** Fail instead of falling back to another device. */
  strictDevice: boolean;
  signal: AbortSignal;
  /** Told when a network is about to be loaded and when the picture is about to be cut. */
  onStage?(stage: 'load' | 'infer'): void;
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
}

/** A network ready to cut. */
interface Loaded extends OpenedSession {
  adapter: MatteAdapter;
}

/** Cuts products out of photos. Holds warm sessions: one cutter per process, disposed at its end. */
export class Cutter {
  private readonly pool: SessionPool;

  constructor(private readonly options: CutterOptions) {
    this.pool = options.pool ?? new SessionPool({ threads: options.threads });
  }

  /**
   * The matte of a photo's product.
   * @throws VitrineError UNKNOWN_MODEL, MODEL_MISSING, INVALID_MODEL, DEVICE_UNAVAILABLE, CANCELLED, and what `plain`
   *   says of a photo that it refuses
   */
  async cut(image: RgbImage, options: CutOptions): Promise<Cutout> {
    const { model, device, strictDevice, signal, onStage } = options;
    throwIfAborted(signal);
    // Read anew each time (a millisecond): a network added while the engine runs is there at once.
    const registry = await loadRegistry(this.options.modelsDir);
    const entry = resolveModel(registry, model, device);
    if (entry.family === 'plain') return cutBuiltIn(image, options);

    onStage?.('load');
    const files = await modelFiles(registry, entry);
    throwIfAborted(signal);
    const { session, adapter, warnings } = await this.load(entry, files[0], device, strictDevice);
    throwIfAborted(signal);

    onStage?.('infer');
    const start = performance.now();
    const alpha = await run(image, session, adapter, signal);
    const inferMs = performance.now() - start;
    return { alpha, model: entry.id, device: session.device, warnings, inferMs };
  }

  /** Releases every session. */
  dispose(): Promise<void> {
    return this.pool.dispose();
  }

  private async load(
    entry: NetworkEntry,
    modelFile: string,
    device: Device,
    strictDevice: boolean,
  ): Promise<Loaded> {
    const opened = await this.pool.get({ modelFile, device, strictDevice, allowed: entry.devices });
    return { ...opened, adapter: adapt(entry, opened.session) };
  }
}

async function run(
  image: RgbImage,
  session: Session,
  adapter: MatteAdapter,
  signal: AbortSignal,
): Promise<Alpha> {
  const feeds = await adapter.feeds(image);
  throwIfAborted(signal);
  const answer = await session.run(feeds, adapter.output);
  throwIfAborted(signal);
  const matte = adapter.matte(answer);
  if (matte.width === image.width && matte.height === image.height) return matte;
  // Cubic, because the second lobe of Lanczos leaves a faint ring around hard edges.
  return resizeAlpha(matte, image.width, image.height, 'cubic');
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
  return { alpha, model: 'plain', device: 'cpu', warnings, inferMs: performance.now() - start };
}
