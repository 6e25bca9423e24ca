import {
  VitrineError,
  listedBytes,
  throwIfAborted,
  type Alpha,
  type Device,
  type RgbImage,
} from '../contracts';
import { cropTo, mirror, resizeAlpha } from '../image';
import {
  betterNetwork,
  resolveModel,
  type DownloadProgress,
  type MatteNetwork,
  type NetworkEntry,
  type Networks,
} from '../models';
import type { RunDevice } from '../runtime';
import {
  UNSURE,
  closerBox,
  combine,
  isConfirmed,
  isWhole,
  placeCloser,
  rate,
  type RatedCut,
} from './combine';
import { MaskCache } from './mask-cache';
import { cutPlain, draftPlain, reduce } from './plain';
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
  /** Told when the ways to run a network are about to be measured, a network to be loaded, the picture to be cut. */
  onStage?(stage: 'measure' | 'load' | 'infer'): void;
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
  /** How sure the cut is, 0..1. */
  confidence: number;
  /** Whether a person should look at it. */
  unsure: boolean;
  /** Why it is unsure and what to do about it, in sentences; empty for a sure one. */
  doubts: string[];
  /** What the reader should know, such as a device fallback. */
  warnings: string[];
  /** Milliseconds from the decoded photo to its matte, without loading the network. */
  inferMs: number;
  /** Milliseconds that loading the network took; 0 when it was there already. */
  loadMs: number;
  /** Megabytes of the card's memory that this process holds, where that can be told. */
  deviceMemoryMb?: number;
}

/** What the cutter for plain backdrops says of photos that are beyond it. */
const BEYOND_PLAIN = ['CLUTTERED_BACKGROUND', 'NO_SUBJECT'];

/** Networks that see fewer pixels a side than this leave their edges to the photo. */
const FINE = 640;

/** Cuts products out of photos: by networks, or without one. */
export class Cutter {
  private readonly masks = new MaskCache();

  constructor(private readonly networks: Networks) {}

  /**
   * The matte of a photo's product.
   * @throws VitrineError what `Networks.use` says of the model, and `plain` of a photo that it refuses; CANCELLED
   */
  async cut(image: RgbImage, options: CutOptions): Promise<Cutout> {
    throwIfAborted(options.signal);
    const { id, family } = await this.resolve(options);
    if (family !== 'plain') return this.cutWith(id, image, options);
    return cutBuiltIn(image, options);
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
      const isCoarse = options.model === 'auto' && network.size < FINE;
      const { alpha, confidence, doubt } = isCoarse
        ? await this.joined(image, network, options)
        : await this.matte(image, network, options);
      return {
        alpha,
        confidence,
        unsure: confidence < UNSURE,
        doubts: doubt === undefined ? [] : [await this.explain(entry, doubt, options)],
        model: entry.id,
        device,
        warnings,
        inferMs: performance.now() - start,
        loadMs,
        deviceMemoryMb: await this.networks.deviceMemory(opened),
      };
    });
  }

  /** What an unsure cut says, and what could do better. */
  private async explain(taken: NetworkEntry, doubt: string, { model, device }: CutOptions): Promise<string> {
    const warning = `Look at this cutout: ${doubt}.`;
    const better =
      model === 'auto' ? betterNetwork(await this.networks.registry(), taken, device) : undefined;
    if (!better) return warning;
    const megabytes = Math.round(listedBytes(better) / 1e6);
    const pull = `\`vitrine models pull ${better.id}\` (${megabytes} MB, ${better.license})`;
    return `${warning} ${better.name} cuts such photos better: ${pull} fetches it.`;
  }

  /**
   * What `auto` makes of a network that sees few pixels: its matte joined with the cut of a plain backdrop and with the
   * photo's own edges. Where no plain cut confirms what it sees it looks once more, mirrored, at the product from nearer or,
   * where that fills the photo, at all of it.
   */
  private async joined(image: RgbImage, network: MatteNetwork, { signal }: CutOptions): Promise<RatedCut> {
    const fitted = await network.resize(image);
    const work = reduce(image);
    // The run begins first: the plain cut keeps this thread busy while the network has its own.
    const [matte, draft] = await Promise.all([
      this.look(fitted, network, signal),
      unlessBeyond(() => draftPlain(image, { work, signal })),
    ]);
    const plain = draft && (await unlessBeyond(() => draft.check(isWhole(matte, draft.mask))));
    if (plain && isConfirmed(matte, plain.mask)) return combine(image, matte, { work, plain, signal });
    const mirrored = async (picture: RgbImage) => mirror(await this.look(mirror(picture), network, signal));
    // On plain ground a network sees where a pale product ends by the ground around it: from nearer it sees less.
    const box = draft ? undefined : closerBox(matte, image);
    if (!box) return combine(image, matte, { work, second: await mirrored(fitted), plain, signal });
    const closer = await mirrored(await network.resize(image, box));
    const [first, second] = await placeCloser(matte, closer, box, work);
    return combine(image, first, { work, second, signal });
  }

  /** The network's own matte of one look or, where asked for and worth it, of a second, closer one as well. */
  private async matte(
    image: RgbImage,
    network: MatteNetwork,
    { secondPass, signal }: CutOptions,
  ): Promise<RatedCut> {
    const matte = await this.look(await network.resize(image), network, signal);
    const first = await fit(matte, image);
    const rating = rate({ matte });
    const box = secondPass ? closeUpOf(first, matte) : undefined;
    if (!box) return { alpha: first, ...rating };
    const detail = cropTo(image, box);
    const closeUp = await this.look(await network.resize(detail), network, signal);
    const scale = Math.max(image.width / matte.width, image.height / matte.height);
    return {
      alpha: mergeCloseUp(first, await fit(closeUp, detail), box, scale),
      ...rating,
    };
  }

  /** The network's own matte of a fitted picture, remembered. */
  private async look(fitted: RgbImage, network: MatteNetwork, signal: AbortSignal): Promise<Alpha> {
    const { session, output } = network;
    const key = this.masks.key(fitted, `${session.modelFile}|${session.device}|${output}`);
    const known = this.masks.get(key);
    if (known) return known;
    throwIfAborted(signal);
    const { [output]: answer } = await session.run(network.feeds(fitted), [output]);
    throwIfAborted(signal);
    const matte = network.matte(answer);
    await this.masks.set(key, matte);
    return matte;
  }
}

/** What the cutter for plain backdrops says, where it does not refuse the photo. */
async function unlessBeyond<Result>(look: () => Result): Promise<Result | undefined> {
  try {
    return look();
  } catch (error) {
    if (error instanceof VitrineError && BEYOND_PLAIN.includes(error.code)) return undefined;
    throw error;
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
  const { alpha, confidence } = cutPlain(image, { signal });
  const unsure = confidence < UNSURE;
  return {
    alpha,
    confidence,
    unsure,
    doubts: unsure ? ['Look at this cutout: the product hardly stands out from its backdrop.'] : [],
    model: 'plain',
    device: 'cpu',
    warnings,
    inferMs: performance.now() - start,
    loadMs: 0,
  };
}
