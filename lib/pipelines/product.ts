import {
  type Alpha,
  type BoundingBox,
  type Device,
  type JobContext,
  type Metrics,
  type RemoveParams,
  type ReplaceParams,
  type RgbImage,
  VitrineError,
  parse,
  removeParams,
  throwIfAborted,
} from '../contracts';
import { type DecodedImage, decodeImage, flatten } from '../image';
import { type Cutout, type EnclosedGround, cutAlready, enclosedGround } from '../matting';
import { type MaskParams, refineMask } from './mask';
import { type ColorParams, UNTOUCHED, refineColors } from './colors';
import { downloading } from './downloading';
import { readMask } from './read-mask';
import type { Resources } from './resources';
import type { Stopwatch } from './stopwatch';

const WHITE: [number, number, number] = [255, 255, 255];

/** A cut that somebody else has made. */
const NO_MODEL = {
  ...{ confidence: 1, unsure: false, doubts: [], inferMs: 0, loadMs: 0 },
  device: 'cpu',
} satisfies Partial<Cutout>;

/** What is said of a picture that keeps its own transparency. */
const KEPT = {
  yes: 'The picture was cut out already: its own transparency and colours were kept and no model ran.',
  rounded:
    'The picture has four round, transparent corners, as a carton has that was cut out already: they were kept and no ' +
    'model ran. If it is a photo with round corners, choose a model by its name, such as u2netp.',
} as const;

/** Said while it is measured which device and files are the fastest. */
const MEASURING = 'finding the fastest way to run the network here, once';

type CutParams = Pick<RemoveParams, 'model' | 'device' | 'strict_device' | 'second_pass' | 'if_unsure'>;

/** What a product depends on, whatever is made of it. */
export type ProductParams = CutParams &
  MaskParams &
  ColorParams & {
    /** An encoded picture of the photo's size that says where the product is: white, or opaque; no model runs then. */
    maskFile?: string;
  };

/** What a replacement's product depends on: it is left as it is, but for what its soft edge shows of the old backdrop. */
export function replacementOf(params: ReplaceParams, maskFile?: string): ProductParams {
  const { model, device, strict_device, if_unsure } = params;
  const asked = { model, device, strict_device, if_unsure, enhance_fg: false };
  return { ...parse(removeParams, asked), maskFile };
}

/** A job on a photo that is inside the pixel budget. */
export interface ProductContext extends JobContext {
  watch: Stopwatch;
  /** Told the upright photo's size as soon as it is known; what it throws ends the job. */
  measured(size: { width: number; height: number }): void;
}

/** A photo taken apart. All layers have the upright photo's size. */
export interface Product {
  photo: DecodedImage;
  /** The product's own colours: without the old backdrop in soft edges, enhanced, denoised, as far as was asked. */
  color: RgbImage;
  alpha: Alpha;
  /** Where the alpha is not 0. */
  bbox: BoundingBox;
  /** Share of the photo that the product covers, 0..1. */
  coverage: number;
  /** The model that really ran. */
  model: string;
  /** The device that really ran it. */
  device: Exclude<Device, 'auto'>;
  /** How sure the cut is, 0..1. */
  confidence: number;
  /** A person should look at it; `warnings` say why. */
  unsure: boolean;
  /** What the reader should know, such as a device fallback. */
  warnings: string[];
  /** What is only there for networks that were loaded just now, and for cards that tell. */
  loading: Pick<Metrics, 'load_ms' | 'device_memory_mb'>;
}

/**
 * Takes the product out of a photo.
 * @param file an encoded picture of any accepted format
 * @throws VitrineError what decoding, the cutter and the parameters can say; NO_SUBJECT for an empty mask,
 *   UNSURE_CUTOUT where that is not to be used; CANCELLED
 */
export async function cutProduct(
  resources: Resources,
  file: string,
  params: ProductParams,
  context: ProductContext,
): Promise<Product> {
  const { signal, progress, watch, measured } = context;
  const { limits } = resources.config;

  progress({ stage: 'decode', fraction: 0 });
  const photo = await decodeImage(file, { limits, signal });
  measured(photo.rgb);
  watch.lap('decode_ms');
  throwIfAborted(signal);

  progress({ stage: 'infer', fraction: 0.15 });
  const cutout = await cutOut(resources, photo, params, context);
  watch.lap('infer_ms');
  throwIfAborted(signal);

  progress({ stage: 'refine', fraction: 0.6 });
  const { warnings, ...mask } = await refineMask(photo.rgb, cutout, params, signal);
  // A mask that came with the photo is its sender's word.
  const isOurs = cutout.model !== 'none' && cutout.model !== 'mask';
  const ground = isOurs ? await enclosedGround(photo.rgb, mask.alpha) : undefined;
  const doubts = [...cutout.doubts, ...(ground ? [enclosed(ground)] : [])];
  const unsure = cutout.unsure || Boolean(ground?.certain);
  if (unsure && params.if_unsure === 'fail') throw unsureCutout({ ...cutout, doubts });
  const color = refineColors(photo.rgb, mask.alpha, cutout.model === 'none' ? UNTOUCHED : params, signal);
  watch.lap('refine_ms');
  throwIfAborted(signal);

  const { model, device, confidence } = cutout;
  return {
    photo,
    color,
    ...mask,
    model,
    device,
    confidence,
    unsure,
    warnings: [...cutout.warnings, ...doubts, ...warnings],
    loading: loading(cutout),
  };
}

function enclosed({ places, largest: [x, y, width, height] }: EnclosedGround): string {
  const where = `${width} x ${height} pixels at ${x}, ${y}`;
  const what =
    places === 1
      ? `A place inside the product looks like what is behind it (${where})`
      : `${places} places inside the product look like what is behind it (the largest: ${where})`;
  return `${what}: look whether it is a hole that was left filled.`;
}

/** A mask that came with the photo. */
function givenMask(alpha: Alpha): Cutout {
  return { ...NO_MODEL, alpha, model: 'mask', warnings: [] };
}

/** A picture that arrives as a cutout keeps its own matte, and its colours as well; any other goes through the cutter. */
async function cutOut(
  resources: Resources,
  photo: DecodedImage,
  params: CutParams & Pick<ProductParams, 'maskFile'>,
  { signal, progress }: JobContext,
): Promise<Cutout> {
  if (params.maskFile) {
    const alpha = await readMask(params.maskFile, photo.rgb, { limits: resources.config.limits, signal });
    return givenMask(alpha);
  }
  const already = photo.alpha ? cutAlready(photo.alpha) : 'no';
  if (already === 'yes' || (already === 'rounded' && params.model === 'auto')) {
    return { ...NO_MODEL, alpha: photo.alpha!, model: 'none', warnings: [KEPT[already]] };
  }
  const opaque = photo.alpha ? flatten(photo.rgb, photo.alpha, WHITE) : photo.rgb;
  const { model, strict_device: strictDevice, second_pass: secondPass } = params;
  const cutout = await resources.cutter.cut(opaque, {
    model,
    device: params.device === 'auto' ? resources.config.device : params.device,
    strictDevice,
    secondPass,
    signal,
    onDownload: (event) => progress(downloading(event)),
    onStage: (stage) => {
      if (stage === 'measure') progress({ stage, fraction: 0.15, message: MEASURING });
    },
  });
  return photo.alpha ? { ...cutout, alpha: within(cutout.alpha, photo.alpha) } : cutout;
}

/** The first matte where it is not more opaque than the second, of the same size. */
function within({ data, width, height }: Alpha, limit: Alpha): Alpha {
  return { data: data.map((value, i) => Math.min(value, limit.data[i])), width, height };
}

function loading({ loadMs, deviceMemoryMb }: Cutout): Product['loading'] {
  return {
    ...(loadMs >= 1 && { load_ms: Math.round(loadMs) }),
    ...(deviceMemoryMb !== undefined && { device_memory_mb: deviceMemoryMb }),
  };
}

function unsureCutout({ confidence, doubts }: Cutout): VitrineError {
  return new VitrineError({
    code: 'UNSURE_CUTOUT',
    message: `The cutout is unsure (confidence ${confidence.toFixed(2)})`,
    hint: `${doubts.join(' ')} Let a person look at the photo, choose another model, or set if_unsure to use.`,
  });
}
