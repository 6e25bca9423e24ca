import type { PictureName } from '../../../contracts';
import type { Size } from '../../../backdrops';
import type { CutProduct, Reader, Sized } from '../reader';

/** Room above a product at least, as a share of the frame's height. */
const ABOVE = 0.02;

interface Place {
  scale: number;
  x: number;
  baseline: number;
}

/** A cutout that lies in a frame; below 0, and beyond the frame, it is cut off. */
export interface Laid extends Sized {
  /** Where it begins in the frame. */
  x: number;
  y: number;
  box: [number, number, number, number];
}

/**
 * Lays a cutout into a frame, standing on its baseline.
 * @param blunt at least 1: how much detail it loses, so that it is no sharper than what is behind it
 */
export async function layProduct(
  picture: PictureName & Place,
  cut: CutProduct,
  { frame, blunt, reader }: { frame: Size; blunt: number; reader: Reader },
): Promise<Laid> {
  const { scale, x, baseline } = picture;
  const foot = Math.round(baseline * frame.height);
  const room = Math.max(1, foot - Math.round(ABOVE * frame.height));
  const fit = scale * Math.min(frame.width / cut.width, room / cut.height);
  const length = (side: number) => Math.max(1, Math.round(side * fit));
  const size = { width: length(cut.width), height: length(cut.height) };
  const sized = await reader.sized(picture, cut, size, blunt);
  const [left, top] = [Math.round(x * (frame.width - size.width)), foot - size.height];
  return { ...sized, x: left, y: top, box: [left, top, size.width, size.height] };
}
