import type { Alpha, BoundingBox, RgbImage } from '../../contracts';
import type { MatteNetwork } from '../../models';
import { type Appearance, appearanceOf } from './appearance';
import { look } from './look';
import { decidedness, piecesOf } from './pieces';
import { objectIn } from './window';

/** The object as a network saw it in one frame. */
export interface Sighting {
  /** Of the network's size; 0 where it is not the object. */
  alpha: Alpha;
  /** The part of the frame that was looked at. */
  window: BoundingBox;
  /** The picture of the window, of the matte's size. */
  seen: RgbImage;
  /** In pixels of the frame. */
  box: BoundingBox;
  appearance: Appearance;
  /** 0..1. */
  decided: number;
}

/**
 * Looks for the object in a part of a frame.
 * @param prior where it is expected, as a matte of that part
 * @returns nothing where the network sees nothing there
 */
export async function sight(
  network: MatteNetwork,
  frame: RgbImage,
  window: BoundingBox,
  prior?: Alpha,
): Promise<Sighting | undefined> {
  const { alpha: matte, seen } = await look(network, frame, window, prior);
  const alpha = piecesOf(matte, prior);
  const box = objectIn(alpha, window);
  if (!box) return undefined;
  return { alpha, window, seen, box, appearance: appearanceOf(seen, alpha), decided: decidedness(alpha) };
}
