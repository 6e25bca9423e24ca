import type { Alpha } from '../contracts';
import { findRegions } from '../image';

/** A pixel that is at least half product. */
const PRODUCT = 128;

/**
 * How far what was drawn grows out of a product: generators make a lid of a cap, or a second bottle of a first one.
 * @param product where the product stands
 * @param found what a cutter finds in the picture that was drawn around it, of the same size
 * @returns pixels beyond the product of all that touches it, in shares of the product's own; 0 for no product
 */
export function expansionOf(product: Alpha, found: Alpha): number {
  const { width, height } = product;
  const own = product.data.reduce((sum, value) => sum + Number(value >= PRODUCT), 0);
  if (!own) return 0;
  const { areas, starts, ends, of } = findRegions(found.data, width, height, { from: PRODUCT, to: 255 });
  const covered = new Int32Array(areas.length);
  for (let run = 0; run < starts.length; run++) {
    for (let at = starts[run]; at < ends[run]; at++) if (product.data[at] >= PRODUCT) covered[of[run]]++;
  }
  const beyond = areas.reduce((sum, area, region) => sum + (covered[region] ? area - covered[region] : 0), 0);
  return beyond / own;
}
