import {
  type Alpha,
  type BoundingBox,
  type Device,
  type JobContext,
  type Metrics,
  type Progress,
  type RemoveParams,
  type RgbImage,
  throwIfAborted,
} from '../contracts';
import { type DecodedImage, decodeImage, flatten } from '../image';
import type { Cutout } from '../matting';
import { type MaskParams, refineMask } from './mask';
import { type ColorParams, refineColors } from './colors';
import type { Resources } from './resources';
import type { Stopwatch } from './stopwatch';

/** Share of border pixels that must be see-through for a picture to count as cut out already. */
const ALREADY_CUT_BORDER = 0.9;
const WHITE: [number, number, number] = [255, 255, 255];

type CutParams = Pick<RemoveParams, 'model' | 'device' | 'strict_device' | 'second_pass'>;

/** What a product depends on, whatever is made of it. */
export type ProductParams = CutParams & MaskParams & ColorParams;

/** A job on a photo that is inside the pixel budget. */
export interface ProductContext extends JobContext {
  watch: Stopwatch;
  /** Told the photo's pixels as soon as they are known. */
  measured(pixels: number): void;
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
  /** What the reader should know, such as a device fallback. */
  warnings: string[];
  /** What is only there for networks that were loaded just now, and for cards that tell. */
  loading: Pick<Metrics, 'load_ms' | 'device_memory_mb'>;
}

/**
 * Takes the product out of a photo.
 * @param file an encoded picture of any accepted format
 * @throws VitrineError what decoding, the cutter and the parameters can say; NO_SUBJECT for an empty mask; CANCELLED
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
  measured(photo.rgb.width * photo.rgb.height);
  watch.lap('decode_ms');
  throwIfAborted(signal);

  progress({ stage: 'infer', fraction: 0.15 });
  const cutout = await cutOut(resources, photo, params, context);
  watch.lap('infer_ms');
  throwIfAborted(signal);

  progress({ stage: 'refine', fraction: 0.6 });
  const { warnings, ...mask } = await refineMask(photo.rgb, cutout, params, signal);
  const color = refineColors(photo.rgb, mask.alpha, params, signal);
  watch.lap('refine_ms');
  throwIfAborted(signal);

  const { model, device } = cutout;
  return {
    photo,
    color,
    ...mask,
    model,
    device,
    warnings: [...cutout.warnings, ...cutout.doubts, ...warnings],
    loading: loading(cutout),
  };
}

/** A picture that arrives as a cutout keeps its own matte; any other goes through the cutter. */
async function cutOut(
  resources: Resources,
  photo: DecodedImage,
  params: CutParams,
  { signal, progress }: JobContext,
): Promise<Cutout> {
  if (photo.alpha && borderIsClear(photo.alpha)) {
    return {
      alpha: photo.alpha,
      confidence: 1,
      unsure: false,
      doubts: [],
      model: 'none',
      device: 'cpu',
      inferMs: 0,
      loadMs: 0,
      warnings: ['The picture was cut out already: its own transparency was kept and no model ran.'],
    };
  }
  const opaque = photo.alpha ? flatten(photo.rgb, photo.alpha, WHITE) : photo.rgb;
  const { model, device, strict_device: strictDevice, second_pass: secondPass } = params;
  return resources.cutter.cut(opaque, {
    model,
    device,
    strictDevice,
    secondPass,
    signal,
    onDownload: ({ model: id, bytes, total }) => progress(downloading(id, bytes, total)),
  });
}

function loading({ loadMs, deviceMemoryMb }: Cutout): Product['loading'] {
  return {
    ...(loadMs >= 1 && { load_ms: Math.round(loadMs) }),
    ...(deviceMemoryMb !== undefined && { device_memory_mb: deviceMemoryMb }),
  };
}

/** A download is the part of a job before inference; its message tells the megabytes. */
function downloading(model: string, bytes: number, total: number): Progress {
  const megabytes = (count: number) => Math.round(count / 1e6);
  const share = total ? Math.min(1, bytes / total) : 0;
  const message = `downloading ${model}: ${megabytes(bytes)} of ${total ? megabytes(total) : '?'} MB`;
  return { stage: 'download', fraction: 0.05 + 0.1 * share, message };
}

function borderIsClear({ data, width, height }: Alpha): boolean {
  let clear = 0;
  const count = 2 * (width + height);
  for (let x = 0; x < width; x++)
    clear += Number(data[x] === 0) + Number(data[(height - 1) * width + x] === 0);
  for (let y = 0; y < height; y++)
    clear += Number(data[y * width] === 0) + Number(data[y * width + width - 1] === 0);
  return clear / count >= ALREADY_CUT_BORDER;
}
