import { VitrineError, throwIfAborted, type Alpha, type Device, type RgbImage } from '../contracts';
import { cropTo, resizeAlpha } from '../image';
import { resolveModel, type DownloadProgress, type MatteNetwork, type Networks } from '../models';
import { Batches, type RunDevice } from '../runtime';
import { cutWithoutNetwork } from './first-cut';
import { MaskCache } from './mask-cache';
import { cutPlain } from './plain';
import { closeUpOf, mergeCloseUp } from './second-pass';

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

/** Cuts products out of photos: by networks, or without one. */
export class Cutter {
  private readonly batches: Batches;
  private readonly masks = new MaskCache();

  /** @param onBatching called when a network turns out to take several photos at once: more cuts at a time are worth it from then on */
  constructor(
    private readonly networks: Networks,
    onBatching?: () => void,
  ) {
    this.batches = new Batches(onBatching);
  }

  /**
   * The matte of a photo's product.
   * @throws VitrineError what `Networks.use` says of the model, and `plain` of a photo that it refuses; CANCELLED
   */
  async cut(image: RgbImage, options: CutOptions): Promise<Cutout> {
    throwIfAborted(options.signal);
    const { id, family } = await this.resolve(options);
    if (family !== 'plain') return this.cutWith(id, image, options);
    const plain = () => cutBuiltIn(image, options);
    if (options.model !== 'auto') return plain();
    return cutWithoutNetwork(this.networks, options, {
      plain,
      network: (entry) => this.cutWith(entry.id, image, options),
    });
  }

  /**
   * Loads a network and runs it once, so that the first photo finds it warm. Does nothing for `plain`.
   * @throws VitrineError as `cut` does
   */
  async warmUp(options: CutOptions): Promise<void> {
    const { family } = await this.resolve(options);
    if (family === 'plain') return;
    await this.cut({ data: new Uint8Array(32 * 32 * 3).fill(128), width: 32, height: 32 }, options);
  }

  private async resolve({ model, device }: CutOptions) {
    return resolveModel(await this.networks.registry(), model, device);
  }

  private cutWith(id: string, image: RgbImage, options: CutOptions): Promise<Cutout> {
    return this.networks.use({ ...options, id, task: 'cutout' }, async (opened) => {
      const { entry, device, network, warnings, loadMs } = opened;
      options.onStage?.('infer');
      const start = performance.now();
      const { alpha, warnings: more } = await this.matte(image, network, options);
      return {
        alpha,
        model: entry.id,
        device,
        warnings: [...warnings, ...more],
        inferMs: performance.now() - start,
        loadMs,
        deviceMemoryMb: await this.networks.deviceMemory(opened),
      };
    });
  }

  /** The matte of one look or, where asked for and worth it, of a second, closer one as well. */
  private async matte(
    image: RgbImage,
    network: MatteNetwork,
    { secondPass, signal }: CutOptions,
  ): Promise<{ alpha: Alpha; warnings: string[] }> {
    const { matte, alpha: first, warnings } = await this.look(image, network, signal);
    const box = secondPass ? closeUpOf(first, matte) : undefined;
    if (!box) return { alpha: first, warnings };
    const closeUp = await this.look(cropTo(image, box), network, signal);
    const scale = Math.max(image.width / matte.width, image.height / matte.height);
    return {
      alpha: mergeCloseUp(first, closeUp.alpha, box, scale),
      warnings: [...warnings, ...closeUp.warnings],
    };
  }

  /** The network's own matte of a picture, remembered, and the same in the picture's size. */
  private async look(
    image: RgbImage,
    network: MatteNetwork,
    signal: AbortSignal,
  ): Promise<{ matte: Alpha; alpha: Alpha; warnings: string[] }> {
    const { session, output } = network;
    const cutter = `${session.modelFile}|${session.device}|${output}`;
    // Hashing a large photo takes as long as making it fit the network, and neither happens in this thread.
    const [key, feeds] = await Promise.all([this.masks.key(image, cutter), network.feeds(image)]);
    const known = await this.masks.get(key);
    if (known) return { matte: known, alpha: await fit(known, image), warnings: [] };
    const { answer, warnings } = await this.batches.run(session, feeds, output, signal);
    throwIfAborted(signal);
    const matte = network.matte(answer);
    const [alpha] = await Promise.all([fit(matte, image), this.masks.set(key, matte)]);
    return { matte, alpha, warnings };
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
