import type { PictureRequest, Source } from '../../contracts';
import { fitSide } from '../../image';

interface Size {
  width: number;
  height: number;
}

/**
 * Width over height of composed pictures: a bottle that was trimmed to its box stands in a frame all the same, and
 * backgrounds need to be cut to few shapes.
 */
const SHAPES = [3 / 4, 1, 4 / 3];

/** The part of a source that is used. */
export function usedOf({ width, height, border }: Source): Size {
  return border ? { width: border.keep[2], height: border.keep[3] } : { width, height };
}

/** Whether a picture is put together out of a cutout and a background. */
export function isComposed({ target, source }: Pick<PictureRequest, 'target' | 'source'>): boolean {
  return target === 'syn' && source.cut !== null;
}

/** The size of a picture: that of the used part of its source, brought to the longer side that was asked for. */
export function frameSize(request: PictureRequest): Size {
  const used = usedOf(request.source);
  const longer = request.size ?? Math.max(used.width, used.height);
  if (!isComposed(request)) return fitSide(used, longer);
  const off = (shape: number) => Math.abs(Math.log((shape * used.height) / used.width));
  const ratio = SHAPES.reduce((best, shape) => (off(shape) < off(best) ? shape : best));
  return fitSide({ width: ratio, height: 1 }, longer);
}
