import sharp from 'sharp';

/** A mask's alpha, 0..255. */
export function pixels(file: string | Buffer): Promise<Buffer> {
  return sharp(file).extractChannel(0).raw().toBuffer();
}

/** How far two masks of one photo are apart, in 0..1. */
export function difference(one: Buffer, other: Buffer): { mean: number; max: number } {
  if (one.length !== other.length) throw new Error(`Masks of ${one.length} and ${other.length} pixels`);
  let sum = 0;
  let max = 0;
  for (let i = 0; i < one.length; i++) {
    const apart = Math.abs(one[i] - other[i]);
    sum += apart;
    max = Math.max(max, apart);
  }
  return { mean: sum / 255 / one.length, max: max / 255 };
}
