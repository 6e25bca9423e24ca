import type { BoundingBox } from '../../../contracts';
import { type Placed, type Size } from '../../../backdrops';
import { resizeCutout } from '../../../image';
import type { CutProduct } from '../reader';

/** Room above a product at least, as a share of the frame's height. */
const ABOVE = 0.02;

interface Place {
  scale: number;
  x: number;
  baseline: number;
}

/**
 * Lays a cutout into a frame, standing on its baseline.
 * @param blunt at least 1: how much detail it loses, so that it is no sharper than what is behind it
 */
export async function layProduct(
  { color, alpha }: CutProduct,
  { scale, x, baseline }: Place,
  frame: Size,
  blunt = 1,
): Promise<Placed> {
  const foot = Math.round(baseline * frame.height);
  const room = Math.max(1, foot - Math.round(ABOVE * frame.height));
  const fit = scale * Math.min(frame.width / color.width, room / color.height);
  const length = (side: number, by: number) => Math.max(1, Math.round(side * by));
  const [width, height] = [length(color.width, fit), length(color.height, fit)];
  const seen =
    blunt > 1
      ? await resizeCutout(color, alpha, length(width, 1 / blunt), length(height, 1 / blunt))
      : { image: color, alpha };
  const layers = await resizeCutout(seen.image, seen.alpha, width, height);
  const left = Math.round(x * (frame.width - width));
  const box: BoundingBox = [left, foot - height, width, height];
  return { ...layers, x: left, y: foot - height, box, scale: fit };
}
