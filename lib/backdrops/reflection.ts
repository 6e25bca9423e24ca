import { LINEAR } from '../image';
import type { Ground } from './ground';
import type { Placed } from './place';
import { type Plane, type Silhouette, blurPart } from './silhouette';

/** The reflection fades to a third within this share of the product's height. */
const FADE = 0.16;
/** Standard deviation of its blur, as a share of the product's height. */
const BLUR = 0.006;

/** What a floor shows of a product: linear light times cover, and cover; in the cells of the silhouette. */
export type Reflection = readonly [Plane, Plane, Plane, Plane];

/**
 * The product upside down below its floor, soft, and fading.
 * @param strength 0..1 at the floor's line
 */
export function reflectionOf(
  product: Placed,
  shape: Silhouette,
  { floor }: Ground,
  strength: number,
): Reflection {
  const { width, height, step, top, bottom } = shape;
  const tall = Math.max(1, bottom - top);
  const planes = Array.from({ length: 4 }, () => new Float32Array(width * height));
  const { image, alpha } = product;
  for (let x = 0; x < width; x++) {
    const column = Math.round((x + 0.5) * step) - product.x;
    if (column < 0 || column >= alpha.width) continue;
    const line = floor[x];
    for (let y = Math.max(0, Math.floor(line)); y < height; y++) {
      const depth = y + 0.5 - line;
      const fade = strength * Math.exp(-Math.max(0, depth) / (FADE * tall));
      if (fade < 2e-3) break;
      const row = Math.round((line - depth) * step) - product.y;
      if (row < 0 || row >= alpha.height) continue;
      const pixel = row * alpha.width + column;
      const cover = (alpha.data[pixel] / 255) * fade;
      if (cover === 0) continue;
      const at = y * width + x;
      planes[3][at] = cover;
      for (let c = 0; c < 3; c++) planes[c][at] = LINEAR[image.data[pixel * 3 + c]] * cover;
    }
  }
  const blur = (data: Float32Array) => blurPart({ data, width, height }, BLUR * tall);
  return [blur(planes[0]), blur(planes[1]), blur(planes[2]), blur(planes[3])];
}
