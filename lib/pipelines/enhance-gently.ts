import { meanShift, sampleProduct } from '../backdrops';
import { enhance } from '../image';
import type { Product } from './product';

/** Mean CIEDE2000 that local contrast may move a product's colours by; what is left to 6 is the scene's light. */
const MOST = 4;

/** A product with more local contrast, but no further from its photo's colours than a shopper would take for the same. */
export function enhanceGently(product: Product): Product {
  const { photo, color, alpha } = product;
  const enhanced = enhance(color, alpha);
  const shift = meanShift(sampleProduct(photo.rgb, alpha), sampleProduct(enhanced, alpha));
  const share = Math.min(1, MOST / Math.max(shift, 1e-6));
  if (share < 1) {
    const { data } = enhanced;
    for (let at = 0; at < data.length; at++) {
      const more = data[at] - color.data[at];
      if (more !== 0) data[at] = color.data[at] + more * share + 0.5;
    }
  }
  return { ...product, color: enhanced };
}
