import type { Alpha, RgbImage } from '../contracts';
import { closedForm } from './closed-form';
import { BACKGROUND, FOREGROUND, type TrimapOptions, trimapOf } from './trimap';

/** Windows of 3 x 3 pixels need a picture at least as large. */
const LEAST_SIDE = 3;

/** How strongly the answer is drawn to the matte in a photo of `MODEL_SIDE` pixels. */
const PRIOR = 0.01;
/** Side in pixels of what networks see. In a larger photo their mattes are as much coarser. */
const MODEL_SIDE = 1024;

export interface AlphaMattingOptions extends TrimapOptions {
  signal?: AbortSignal;
}

/**
 * Finds the soft edge of a matte anew from the colours of its photo: a trimap of what the matte is sure of, and
 * closed-form matting in between, drawn a little to the matte: without that, a product and a backdrop of like colours
 * run into one another wherever the matte is not quite right. Where nothing is certain the matte comes back as it is,
 * with a warning.
 * @throws VitrineError INVALID_PARAMETER when the sizes differ; CANCELLED
 */
export async function alphaMatting(
  image: RgbImage,
  matte: Alpha,
  { signal, ...options }: AlphaMattingOptions = {},
): Promise<{ alpha: Alpha; warnings: string[] }> {
  const trimap = trimapOf(matte, options);
  const reason = whyNot(trimap);
  if (!reason) {
    const scale = Math.max(1, Math.max(image.width, image.height) / MODEL_SIDE);
    const prior = { matte, weight: PRIOR / scale ** 2 };
    return { alpha: await closedForm(image, trimap, { prior, signal }), warnings: [] };
  }
  return {
    alpha: matte,
    warnings: [`Alpha matting was left out: ${reason}. The mask was used as it was.`],
  };
}

function whyNot({ data, width, height }: Alpha): string | undefined {
  if (Math.min(width, height) < LEAST_SIDE) return `the picture has only ${width} x ${height} pixels`;
  const advice = 'lower alpha_matting_erode_size';
  if (!data.includes(FOREGROUND)) {
    return `no part of the mask is certainly product; ${advice} or alpha_matting_foreground_threshold`;
  }
  if (!data.includes(BACKGROUND)) {
    return `no part of the mask is certainly backdrop; ${advice} or raise alpha_matting_background_threshold`;
  }
  return undefined;
}
