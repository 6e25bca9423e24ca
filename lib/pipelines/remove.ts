import { join } from 'node:path';
import {
  FORMATS,
  type Alpha,
  type JobContext,
  type OutputFormat,
  type Progress,
  type RemoveParams,
  type RemoveResult,
  invalid,
  throwIfAborted,
} from '../contracts';
import { type DecodedImage, decodeImage, encodeImage, encodeMask, flatten } from '../image';
import type { Cutout } from '../matting';
import { refine } from './refine';
import type { Studio } from './studio';
import { Stopwatch } from './stopwatch';

/** Share of border pixels that must be see-through for a picture to count as cut out already. */
const ALREADY_CUT_BORDER = 0.9;

/**
 * Cuts the product out of a photo and writes `output` (and `mask`) into the job's folder.
 * @param file an encoded picture of any accepted format
 * @returns paths in `artifacts`; `bbox` and `coverage` refer to the upright photo
 * @throws VitrineError what decoding, the cutter and the parameters can say; NO_SUBJECT for an empty mask
 */
export async function removeBackground(
  studio: Studio,
  file: string,
  params: RemoveParams,
  context: JobContext,
): Promise<RemoveResult> {
  checkCombination(params);
  return studio.room.use(context.signal, (measured) => work(studio, file, params, context, measured));
}

async function work(
  studio: Studio,
  file: string,
  params: RemoveParams,
  context: JobContext,
  measured: (pixels: number) => void,
): Promise<RemoveResult> {
  const { signal, progress, tempDir } = context;
  const { limits } = studio.config;
  const watch = new Stopwatch();

  progress({ stage: 'decode', fraction: 0 });
  const photo = await decodeImage(file, { limits, signal });
  measured(photo.rgb.width * photo.rgb.height);
  watch.lap('decode_ms');
  throwIfAborted(signal);

  progress({ stage: 'infer', fraction: 0.15 });
  const cutout = await cutOut(studio, photo, params, context);
  watch.lap('infer_ms');
  throwIfAborted(signal);

  progress({ stage: 'refine', fraction: 0.6 });
  const layers = await refine(photo.rgb, cutout, params, signal);
  watch.lap('refine_ms');
  throwIfAborted(signal);

  progress({ stage: 'encode', fraction: 0.8 });
  const format = params.format ?? defaultFormat(params, photo.format);
  const artifacts: RemoveResult['artifacts'] = {
    output: join(tempDir, `output.${FORMATS[format].extension}`),
  };
  const { quality } = params;
  const { timeoutSeconds } = limits;
  if (params.mode === 'mask') {
    await encodeMask(artifacts.output, layers.alpha, { format, quality, timeoutSeconds });
  } else {
    await encodeImage(artifacts.output, layers.image, {
      alpha: params.mode === 'transparent' ? layers.alpha : undefined,
      format,
      quality,
      timeoutSeconds,
      metadata: params.keep_metadata ? photo.metadata : undefined,
    });
  }
  if (params.mask) {
    artifacts.mask = join(tempDir, 'mask.png');
    await encodeMask(artifacts.mask, layers.alpha, { format: 'png', timeoutSeconds });
  }
  watch.lap('encode_ms');

  return {
    mode: params.mode,
    model: cutout.model,
    device: cutout.device,
    artifacts,
    format,
    width: layers.image.width,
    height: layers.image.height,
    bbox: layers.bbox,
    coverage: Math.round(layers.coverage * 10_000) / 10_000,
    warnings: [...cutout.warnings, ...layers.warnings],
    metrics: { ...watch.metrics(), ...loading(cutout) },
  };
}

/** What is only there for networks that were loaded just now, and for cards that tell. */
function loading({ loadMs, deviceMemoryMb }: Cutout): Partial<RemoveResult['metrics']> {
  return {
    ...(loadMs >= 1 && { load_ms: Math.round(loadMs) }),
    ...(deviceMemoryMb !== undefined && { device_memory_mb: deviceMemoryMb }),
  };
}

function checkCombination({ mode, format, size }: RemoveParams): void {
  if (mode === 'transparent' && format === 'jpeg') {
    throw invalid(
      'format',
      'png or webp in mode transparent',
      format,
      'JPEG has no transparency: choose png or webp, or mode color with a bgcolor.',
    );
  }
  if (mode === 'soften' && size !== undefined) {
    throw invalid(
      'size',
      'left out in mode soften',
      size,
      'A softened photo keeps its frame: leave size out, or choose mode transparent or color.',
    );
  }
}

/** A picture that arrives as a cutout keeps its own matte; any other goes through the cutter. */
async function cutOut(
  studio: Studio,
  photo: DecodedImage,
  params: RemoveParams,
  { signal, progress }: JobContext,
): Promise<Cutout> {
  if (photo.alpha && borderIsClear(photo.alpha)) {
    return {
      alpha: photo.alpha,
      model: 'none',
      device: 'cpu',
      inferMs: 0,
      loadMs: 0,
      warnings: ['The picture was cut out already: its own transparency was kept and no model ran.'],
    };
  }
  const opaque = photo.alpha ? flatten(photo.rgb, photo.alpha, [255, 255, 255]) : photo.rgb;
  const { model, device, strict_device: strictDevice, second_pass: secondPass } = params;
  return studio.cutter.cut(opaque, {
    model,
    device,
    strictDevice,
    secondPass,
    signal,
    onDownload: ({ model: id, bytes, total }) => progress(downloading(id, bytes, total)),
  });
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

/** Transparency wants PNG; an opaque picture keeps its photo's format where that can be written. */
function defaultFormat({ mode }: RemoveParams, source: string): OutputFormat {
  if (mode === 'transparent' || mode === 'mask') return 'png';
  return source === 'jpeg' || source === 'webp' ? source : 'png';
}
