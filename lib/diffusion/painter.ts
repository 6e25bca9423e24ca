import { type Alpha, type Device, type RgbImage, VitrineError, invalid, throwIfAborted } from '../contracts';
import { resizeAlpha, resizeRgb } from '../image';
import {
  type DiffusionNetwork,
  type DownloadProgress,
  type Latents,
  type Networks,
  type OpenNetwork,
  type Planes,
  type Prompt,
  devicesOf,
  findForTask,
} from '../models';
import { type RunDevice, onBestDevice } from '../runtime';
import { NotFinite, checkFinite, denoise } from './denoise';
import { type Kept, keptCells } from './keep';
import { type FreeMemory, decodingMb, machineMemory, refuseWhatDoesNotFit } from './memory';
import { Noise } from './noise';
import { schedulerFor } from './schedulers';
import { type Size, drawnSize } from './size';
import { decodeTiled } from './tiles';
import { type Wishes, termsFor } from './terms';

export interface PaintOptions extends Wishes {
  /** An id of the registry. */
  model: string;
  device: Device;
  /** Fail instead of falling back to another device. */
  strictDevice: boolean;
  /** Pixels of the frame, whose proportions the picture has. */
  frame: Size;
  /** Whole numbers from 0 to 2^32 - 1; a picture is drawn from each. */
  seeds: readonly number[];
  /** What is drawn around: a picture with the frame's proportions, and where it stays as it is. */
  around?: { image: RgbImage; mask: Alpha };
  signal: AbortSignal;
  /** Told when the model is about to be loaded. */
  onLoad?(): void;
  /** Told how far a model's download is. */
  onDownload?(event: DownloadProgress): void;
  /** Told after each step of all pictures together. */
  onStep?(step: number, steps: number): void;
  /** Told of each picture; the promise is waited for. */
  onPicture(image: RgbImage, seed: number): Promise<void> | void;
}

/** What is told of the pictures of one call. */
export interface Painted {
  model: string;
  device: RunDevice;
  steps: number;
  guidance: number;
  warnings: string[];
  /** Milliseconds that loading took. */
  loadMs: number;
  /** Megabytes of the card's memory that this process holds, where that can be told. */
  deviceMemoryMb?: number;
}

type Generator = OpenNetwork<'diffusion'>;

/** Letters of a text that is told back. */
const TOLD = 100;

/** Draws pictures from prompts. */
export class Painter {
  /** @param free default: this machine's memory */
  constructor(
    private readonly networks: Networks,
    private readonly free: FreeMemory = machineMemory,
  ) {}

  /**
   * Draws a picture from each seed. A card whose memory is used up meanwhile hands the work to the CPU, unless strict.
   * @throws VitrineError what `Networks.open` says of the model; DEVICE_UNAVAILABLE where it does not fit, saying what
   *   would; INVALID_MODEL for numbers that are not finite; INVALID_PARAMETER for a product to be drawn around by a
   *   model without an encoder; CANCELLED between steps
   */
  async paint(options: PaintOptions): Promise<Painted> {
    const generator = await this.open(options, options.device);
    try {
      return await this.paintWith(generator, options);
    } catch (error) {
      const isFull = error instanceof VitrineError && error.code === 'DEVICE_UNAVAILABLE';
      if (!isFull || options.strictDevice || generator.device === 'cpu') throw error;
      const onCpu = await this.open(options, 'cpu');
      const reason = `${error.message}. Used cpu instead. ${error.hint}`;
      return this.paintWith({ ...onCpu, warnings: [reason, ...onCpu.warnings] }, options);
    }
  }

  private async open(
    { model, strictDevice, signal, ...told }: PaintOptions,
    device: Device,
  ): Promise<Generator> {
    throwIfAborted(signal);
    const registry = await this.networks.registry();
    const entry = findForTask(registry, model, 'diffusion');
    const isLoaded = (each: RunDevice) =>
      this.networks.loaded.some((loaded) => loaded.model === model && loaded.device === each);
    const { value, warnings } = await onBestDevice(
      { device, strictDevice, allowed: devicesOf(entry) },
      async (each) => {
        await refuseWhatDoesNotFit({ registry, entry, free: this.free, isLoaded }, each);
        const request = { id: model, task: 'diffusion', device: each, strictDevice: true, signal } as const;
        return this.networks.open({ ...request, onDownload: told.onDownload, onStage: told.onLoad });
      },
    );
    return { ...value, warnings: [...warnings, ...value.warnings] };
  }

  private async paintWith(generator: Generator, options: PaintOptions): Promise<Painted> {
    const { entry, device, network, loadMs } = generator;
    const { frame, seeds, signal } = options;
    const { negative, ...terms } = termsFor(entry.id, network, options);
    const { steps, guidance } = terms;
    const size = drawnSize(network, frame);
    const kept = options.around && (await this.keep(entry.id, network, size, options.around));
    const prompt = await network.read(options.prompt, size);
    const away = negative === undefined ? undefined : await network.read(negative || undefined, size);
    const [width, height] = [size.width / network.cell, size.height / network.cell];
    const scheduler = schedulerFor(network.schedule, steps, width * height);
    try {
      for (const [index, seed] of seeds.entries()) {
        const latents = await denoise({
          ...{ network, scheduler, prompt, negative: away, guidance, width, height, kept, signal },
          noise: new Noise(seed),
          onStep: (step) => options.onStep?.(index * steps + step, seeds.length * steps),
        });
        const planes = await this.decode(network, latents, { device, signal });
        checkFinite(planes.data, 'decoding');
        throwIfAborted(signal);
        await options.onPicture(toRgb(planes), seed);
      }
    } catch (error) {
      // What computed nonsense once is not trusted again.
      if (error instanceof NotFinite) await this.networks.discard(generator);
      throw error;
    }
    return {
      ...{ model: entry.id, device, steps, guidance, loadMs },
      warnings: [...generator.warnings, ...terms.warnings, ...leftOut(entry.id, prompt, away)],
      deviceMemoryMb: await this.networks.deviceMemory(generator),
    };
  }

  private async keep(
    id: string,
    network: DiffusionNetwork,
    { width, height }: Size,
    { image, mask }: { image: RgbImage; mask: Alpha },
  ): Promise<Kept> {
    if (!network.encode) {
      const hint = 'Choose another model, or draw the scene by itself and put the product on it.';
      throw invalid('model', 'one with a vae_encoder, to draw around a product', id, hint);
    }
    const latents = await network.encode(await resizeRgb(image, width, height));
    checkFinite(latents.data, 'encoding');
    return { latents, cells: keptCells(await resizeAlpha(mask, width, height), network.cell) };
  }

  /** In one piece where the memory allows it, in tiles where it does not. */
  private async decode(
    network: DiffusionNetwork,
    latents: Latents,
    { device, signal }: { device: RunDevice; signal: AbortSignal },
  ): Promise<Planes> {
    const { cell } = network;
    const size = { width: latents.width * cell, height: latents.height * cell };
    const decode = (part: Latents) => {
      throwIfAborted(signal);
      return network.decode(part);
    };
    const tiled = () => decodeTiled(latents, decode, cell);
    const free = await this.free(device);
    if (free !== undefined && decodingMb(size) > free) return tiled();
    try {
      return await decode(latents);
    } catch (error) {
      if (error instanceof VitrineError && error.code === 'DEVICE_UNAVAILABLE') return tiled();
      throw error;
    }
  }
}

/** What of the texts did not fit into what the model reads. */
function leftOut(id: string, prompt: Prompt, negative: Prompt | undefined): string[] {
  const tell = (what: string, dropped: string | undefined) =>
    dropped === undefined ? [] : [`The ${what} is longer than ${id} reads; left out: ${shortened(dropped)}`];
  return [...tell('prompt', prompt.dropped), ...tell('negative prompt', negative?.dropped)];
}

function shortened(text: string): string {
  return text.length > TOLD ? `${text.slice(0, TOLD)}…` : text;
}

function toRgb({ data, width, height }: Planes): RgbImage {
  const pixels = width * height;
  // Values outside of 0..255 are clamped, and halves rounded.
  const bytes = new Uint8ClampedArray(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let plane = 0; plane < 3; plane++) bytes[3 * i + plane] = (data[plane * pixels + i] + 1) * 127.5;
  }
  return { data: new Uint8Array(bytes.buffer), width, height };
}
