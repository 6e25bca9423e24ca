import { dilate, erode, type Size } from '../squares';
import { labelComponents } from './components';
import { isStep } from './holes';

/** Work pixels, times the brush: narrower regions are fringes of the outline; and how far off a step may lie. */
const NARROW = 2;
const NEAR = 4;
/** Work pixels that the product's own edge is wide. */
const EDGE = 3;
/** Larger than this share of the product, it is the backdrop's own pattern. */
const LARGEST = 0.7;
/** Share of its rim that a face turns to the backdrop; a window in the product has none there. */
const OPEN = 0.1;
/** Steps to the four neighbours. */
const SIDES = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
];

/**
 * How much that was left to the backdrop as the product's shade may be a face of it: a white carton's side on white.
 * Both are a little darker than the backdrop, but a face ends in a hard step, and a shadow fades out.
 * @param mask 1 product, 0 backdrop with its shades
 * @param everything the same with the shades counted as product
 * @param total Lab distance to the backdrop
 * @param gradient of the picture, Lab per work pixel
 * @returns the area of such shades, as a share of the product's and weighted by how much of their rim is hard
 */
export function measureFaces(
  mask: Uint8Array,
  everything: Uint8Array,
  { total, gradient }: { total: Float32Array; gradient: Float32Array },
  size: Size,
  brush: number,
): number {
  const { width, height } = size;
  const shade = new Uint8Array(mask.length);
  let product = 0;
  for (let i = 0; i < mask.length; i++) {
    product += mask[i];
    if (everything[i] && !mask[i]) shade[i] = 1;
  }
  const wide = dilate(erode(shade, size, NARROW * brush), size, NARROW * brush);
  const { ids, parts } = labelComponents(wide, 1, width, height);
  // The product's own edge is steep, whatever lies beside it.
  const edge = dilate(mask, size, EDGE);
  const rims = parts.map(() => ({ hard: 0, open: 0, all: 0 }));
  const reach = NEAR * brush;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (ids[i] < 0) continue;
      for (const [dx, dy] of SIDES) {
        const [nx, ny] = [x + dx, y + dy];
        if (nx < 0 || ny < 0 || nx >= width || ny >= height || ids[ny * width + nx] === ids[i]) continue;
        rims[ids[i]].all++;
        if (everything[ny * width + nx]) continue;
        let [steepest, deepest] = [0, 0];
        for (let step = -2; step <= 2 * reach; step++) {
          const [px, py] = [x - step * dx, y - step * dy];
          if (px < 0 || py < 0 || px >= width || py >= height || edge[py * width + px]) break;
          const at = py * width + px;
          if (step <= reach) steepest = Math.max(steepest, gradient[at]);
          deepest = Math.max(deepest, total[at]);
        }
        rims[ids[i]].open++;
        if (isStep(steepest, deepest)) rims[ids[i]].hard++;
      }
    }
  }
  return parts.reduce((sum, { area }, id) => {
    const share = area / Math.max(1, product);
    const { hard, open, all } = rims[id];
    return share < LARGEST && open > OPEN * all ? sum + (share * hard) / open : sum;
  }, 0);
}
