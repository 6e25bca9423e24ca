import type { Alpha, RgbImage } from '../contracts';
import { closedForm } from './closed-form';
import { BACKGROUND, FOREGROUND, type TrimapOptions, trimapOf } from './trimap';

/** Windows of 3 x 3 pixels need a picture at least as large. */
const LEAST_SIDE = 3;

export interface AlphaMattingOptions extends TrimapOptions {
  signal?: AbortSignal;
}

/**
 * Finds the soft edge of a matte anew from the colours of its photo: a trimap of what the matte is sure of, and
 * closed-form matting in between. Where nothing is certain the matte comes back as it is, with a warning.
 * @throws VitrineError INVALID_PARAMETER when the sizes differ; CANCELLED
 */
export async function alphaMatting(
  image: RgbImage,
  matte: Alpha,
  { signal, ...options }: AlphaMattingOptions = {},
): Promise<{ alpha: Alpha; warnings: string[] }> {
  const trimap = trimapOf(matte, options);
  const reason = whyNot(trimap);
  if (!reason) return { alpha: await closedForm(image, trimap, { signal }), warnings: [] };
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
