import { boxBlur } from '../../image';
import type { Size } from '../squares';

/** Mean of 4 m (1 - m) around a pixel from which an edge is partly, and wholly, a soft one. */
const SOFT = 0.6;
const SOFTEST = 0.9;
/** What counts as around it, in the network's pixels. */
const SOFT_REACH = 5;
/** How far from sure product and sure ground a soft edge may be, in the network's pixels, and how much of both is there. */
const WIDEST = 12;
const LEAST_NEAR = 0.01;

/**
 * Where a network's edge is wide (hair, fur, blur) it stays as wide. An edge leads from ground to product; what lies
 * farther from either is a part of the product that the network cannot make out, and not a see-through one.
 */
export function soften(
  edged: Float32Array,
  matte: Float32Array,
  { width, height }: Size,
  unit: number,
): Float32Array {
  const greyness = new Float32Array(matte.length);
  const sureProduct = new Uint8Array(matte.length);
  const sureGround = new Uint8Array(matte.length);
  for (let i = 0; i < matte.length; i++) {
    greyness[i] = 4 * matte[i] * (1 - matte[i]);
    if (matte[i] > 0.9) sureProduct[i] = 1;
    if (matte[i] < 0.1) sureGround[i] = 1;
  }
  const softness = boxBlur(greyness, width, height, Math.max(1, Math.round(SOFT_REACH * unit)));
  const widest = Math.max(1, Math.round(WIDEST * unit));
  const product = boxBlur(sureProduct, width, height, widest);
  const ground = boxBlur(sureGround, width, height, widest);
  const result = edged.slice();
  for (let i = 0; i < result.length; i++) {
    const share = (softness[i] - SOFT) / (SOFTEST - SOFT);
    if (share <= 0 || product[i] < LEAST_NEAR || ground[i] < LEAST_NEAR) continue;
    result[i] += (matte[i] - edged[i]) * Math.min(1, share);
  }
  return result;
}
