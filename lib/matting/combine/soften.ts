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
/** Pixels a side of the blocks that what is near is counted by. */
const BLOCK = 4;

/**
 * Where a network's edge is wide (hair, fur, blur). An edge leads from ground to product; what lies farther from either
 * is a part of the product that the network cannot make out, and not a see-through one.
 * @returns per pixel how much of a wide edge it is, 0..1; nothing where no edge is wide
 */
export function softEdges(
  matte: Float32Array,
  { width, height }: Size,
  unit: number,
): Float32Array | undefined {
  const greyness = new Float32Array(matte.length);
  for (let i = 0; i < matte.length; i++) greyness[i] = 4 * matte[i] * (1 - matte[i]);
  const softness = boxBlur(greyness, width, height, Math.max(1, Math.round(SOFT_REACH * unit)));
  if (!isSoftAnywhere(softness)) return undefined;
  const near = bothNear(matte, { width, height }, Math.max(1, Math.round(WIDEST * unit)));
  for (let i = 0; i < softness.length; i++) {
    const share = (softness[i] - SOFT) / (SOFTEST - SOFT);
    softness[i] = share > 0 && near(i) ? Math.min(1, share) : 0;
  }
  return softness;
}

/**
 * An edge that is as wide as the network's own where that is a wide one.
 * @param edged 0..1, with hard edges
 * @param soft as `softEdges` found it
 */
export function soften(edged: Float32Array, matte: Float32Array, soft: Float32Array): Float32Array {
  const softened = new Float32Array(edged.length);
  for (let i = 0; i < softened.length; i++) softened[i] = edged[i] + (matte[i] - edged[i]) * soft[i];
  return softened;
}

/** Tells of a pixel whether sure product and sure ground are both near; by blocks, since `reach` is many pixels. */
function bothNear(matte: Float32Array, { width, height }: Size, reach: number): (i: number) => boolean {
  const columns = Math.ceil(width / BLOCK);
  const rows = Math.ceil(height / BLOCK);
  const sureProduct = new Float32Array(columns * rows);
  const sureGround = new Float32Array(columns * rows);
  for (let y = 0, i = 0; y < height; y++) {
    const row = ((y / BLOCK) | 0) * columns;
    for (let x = 0; x < width; x++, i++) {
      if (matte[i] > 0.9) sureProduct[row + ((x / BLOCK) | 0)] += 1 / BLOCK ** 2;
      else if (matte[i] < 0.1) sureGround[row + ((x / BLOCK) | 0)] += 1 / BLOCK ** 2;
    }
  }
  const [product, ground] = [sureProduct, sureGround].map((sure) =>
    boxBlur(sure, columns, rows, Math.max(1, Math.round(reach / BLOCK))),
  );
  return (i) => {
    const y = (i / width) | 0;
    const block = ((y / BLOCK) | 0) * columns + (((i - y * width) / BLOCK) | 0);
    return product[block] >= LEAST_NEAR && ground[block] >= LEAST_NEAR;
  };
}

/** Asked of every picture, and most have no soft edge at all: a loop is several times quicker than `some`. */
function isSoftAnywhere(softness: Float32Array): boolean {
  for (let i = 0; i < softness.length; i++) if (softness[i] > SOFT) return true;
  return false;
}
