import { join } from 'node:path';
import {
  FORMATS,
  type JobContext,
  type OutputFormat,
  type RemoveParams,
  type RemoveResult,
  type RgbImage,
  invalid,
  throwIfAborted,
} from '../contracts';
import { encodeImage, encodeMask, flatten, parseColor, softenBackdrop } from '../image';
import { UNTOUCHED } from './colors';
import { frame } from './frame';
import { type Product, type ProductParams, cutProduct } from './product';
import type { Resources } from './resources';
import { Stopwatch } from './stopwatch';

/**
 * Cuts the product out of a photo and writes `output` (and `mask`) into the job's folder.
 * @param file an encoded picture of any accepted format
 * @returns paths in `artifacts`; `bbox` and `coverage` refer to the upright photo
 * @throws VitrineError what decoding, the cutter and the parameters can say; NO_SUBJECT for an empty mask
 */
export async function removeBackground(
  resources: Resources,
  file: string,
  params: RemoveParams,
  context: JobContext,
): Promise<RemoveResult> {
  checkCombination(params);
  const { signal, progress, tempDir } = context;
  return resources.budget.use(signal, async (measured) => {
    const watch = new Stopwatch();
    const product = await cutProduct(resources, file, productParams(params), {
      ...context,
      watch,
      measured: ({ width, height }) => measured(width * height),
    });
    const { image, alpha } = await layersOf(product, params);
    watch.lap('refine_ms');
    throwIfAborted(signal);

    progress({ stage: 'encode', fraction: 0.8 });
    const { photo, bbox, coverage, model, device, confidence, unsure, warnings, loading } = product;
    const { mode, quality } = params;
    const { timeoutSeconds } = resources.config.limits;
    const format = params.format ?? defaultFormat(params, photo.format);
    const artifacts: RemoveResult['artifacts'] = {
      output: join(tempDir, `output.${FORMATS[format].extension}`),
    };
    if (mode === 'mask') {
      await encodeMask(artifacts.output, alpha, { format, quality, timeoutSeconds });
    } else {
      await encodeImage(artifacts.output, image, {
        alpha: mode === 'transparent' ? alpha : undefined,
        format,
        quality,
        timeoutSeconds,
        metadata: params.keep_metadata ? photo.metadata : undefined,
      });
    }
    if (params.mask) {
      artifacts.mask = join(tempDir, 'mask.png');
      await encodeMask(artifacts.mask, alpha, { format: 'png', timeoutSeconds });
    }
    watch.lap('encode_ms');

    return {
      mode,
      model,
      device,
      artifacts,
      format,
      width: image.width,
      height: image.height,
      bbox,
      coverage: Math.round(coverage * 10_000) / 10_000,
      confidence: Math.round(confidence * 1000) / 1000,
      unsure,
      warnings,
      metrics: { ...watch.metrics(), ...loading },
    };
  });
}

/** A mask needs no colours, and a softened photo keeps its own where product and backdrop meet. */
function productParams(params: RemoveParams): ProductParams {
  if (params.mode === 'mask') return { ...params, ...UNTOUCHED };
  return params.mode === 'soften' ? { ...params, decontaminate: 'off' } : params;
}

/** What is encoded: the product in its frame, on the backdrop of its mode. */
async function layersOf(
  { color, alpha, bbox }: Product,
  params: RemoveParams,
): Promise<{ image: RgbImage; alpha: Product['alpha'] }> {
  const { mode, bgcolor } = params;
  const image = mode === 'soften' ? softenBackdrop(color, alpha) : color;
  const framed = await frame({ image, alpha }, bbox, params);
  return mode === 'color'
    ? { ...framed, image: flatten(framed.image, framed.alpha, parseColor(bgcolor)) }
    : framed;
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

/** Transparency wants PNG; an opaque picture keeps its photo's format where that can be written. */
function defaultFormat({ mode }: RemoveParams, source: string): OutputFormat {
  if (mode === 'transparent' || mode === 'mask') return 'png';
  return source === 'jpeg' || source === 'webp' ? source : 'png';
}
